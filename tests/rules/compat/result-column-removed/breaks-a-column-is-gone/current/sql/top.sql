-- owner: web
-- params:
--   id: {type: bigint, required: true}
select order_id from shop.orders where order_id = $id
