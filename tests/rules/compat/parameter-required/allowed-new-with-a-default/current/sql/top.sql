-- owner: web
-- params:
--   id: {type: bigint, required: true}
--   least: {type: double, default: 0}
select order_id, total from shop.orders where order_id = $id and total > $least
