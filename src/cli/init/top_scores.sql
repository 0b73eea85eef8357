-- owner: customer-care
-- summary: Customers to call first.
-- params:
--   limit: {type: integer, default: 20, maximum: 1000}
select customer_id, score, segment
from scores.churn
order by score desc, customer_id
limit $limit
