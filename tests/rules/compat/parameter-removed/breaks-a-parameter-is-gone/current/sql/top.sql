-- owner: web
-- params: {}
select order_id, total from shop.orders
