-- owner: web
select order_id from shop.orders
