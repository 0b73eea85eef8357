-- owner: web
-- params:
--   id: {type: varchar, required: true}
select order_id, total from shop.orders where order_id = $id::bigint
