-- owner: web
select order_id, total from shop.orders
