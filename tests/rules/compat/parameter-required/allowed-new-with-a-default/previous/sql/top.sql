-- owner: web
-- params:
--   id: {type: bigint, required: true}
select order_id, total from shop.orders where order_id = $id
