-- owner: web
-- params:
--   id: {type: bigint, required: true}
--   least: {type: integer, default: 1, maximum: 10}
select order_id, total from shop.orders where order_id = $id and total > $least
