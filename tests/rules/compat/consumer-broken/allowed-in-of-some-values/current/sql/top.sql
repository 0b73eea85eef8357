-- owner: web
select count(*) as n from shop.orders where state in ('new')
