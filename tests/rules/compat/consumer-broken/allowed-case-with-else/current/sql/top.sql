-- owner: web
select case state when 'new' then 1 else 0 end as step from shop.orders
