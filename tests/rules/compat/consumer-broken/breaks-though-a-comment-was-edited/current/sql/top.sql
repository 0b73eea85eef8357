-- owner: web
select case state when 'new' then 1 when 'paid' then 2 end as step from shop.orders -- hi
