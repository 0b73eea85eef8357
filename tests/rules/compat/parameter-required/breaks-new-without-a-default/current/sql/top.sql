-- owner: web
-- params:
--   id: {type: bigint, required: true}
--   least: {type: double, required: true}
select order_id, total from shop.orders where order_id = $id and total > $least
