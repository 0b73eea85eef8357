-- owner: web
select order_id, amount from shop.orders
