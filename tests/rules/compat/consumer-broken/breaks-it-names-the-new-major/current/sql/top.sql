-- owner: web
select order_id, total from shop_v2.orders
