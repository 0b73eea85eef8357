-- owner: web
-- params:
--   least: {type: double, default: 0}
--   id: {type: bigint, required: true}
select order_id, total from shop.orders where order_id = $id and total > $least
