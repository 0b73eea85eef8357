-- owner: web
-- params: {}
select * from shop.orders
