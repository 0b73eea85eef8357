-- owner: web
-- params:
--   id: {type: bigint, default: 1}
select order_id, total from shop.orders where order_id = $id
