-- owner: web
select order_id from shop.orders where state = 'new'
