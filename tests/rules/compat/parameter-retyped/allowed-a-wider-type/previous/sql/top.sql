-- owner: web
-- params:
--   id: {type: integer, required: true}
select order_id, total from shop.orders where order_id = $id
