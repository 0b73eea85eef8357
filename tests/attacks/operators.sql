-- a window of the whole table
select max(x), count(*) from (select first_value(d) over (order by v desc rows between unbounded preceding and unbounded following) as x from t.t) as q

-- a window over a product
select max(x) from (select row_number() over (order by a.v) as x from t.t as a cross join t.t as b) as q

-- a long frame
select max(x) from (select max(d) over (order by id rows between 50000 preceding and 50000 following) as x from t.t) as q

-- a long frame of medians
select max(x) from (select median(v) over (order by id rows between 50000 preceding and 50000 following) as x from t.t) as q

-- a frame of distinct values
select max(x) from (select count(distinct d) over (order by id rows between 50000 preceding and current row) as x from t.t) as q

-- a hundred windows
select max(x) from (select id as x[[, sum(v) over (partition by g + # order by id) as y# * 100]] from t.t) as q where [[y# > 0 and  * 100]]true

-- first_value of one long text
select max(length(y)) from (select first_value(x) over (order by id) as y from (select id, case when id = 0 then '[[x * 200000]]' else d end as x from t.t) as a) as q

-- lag with a long default
select max(length(x)) from (select lag(d, 100000, '[[x * 200000]]') over (order by id) as x from t.t) as q

-- a sort of a product
select * from (select a.d as x, b.d as y from t.t as a cross join t.t as b) as q order by x, y offset 1000000000

-- a sort with a huge limit
select a.d, b.d from t.t as a cross join t.t as b order by b.v limit 9223372036854775807

-- a large offset
select a.id from t.t as a cross join t.t as b limit 10 offset 9223372036854775000

-- distinct of a product
select count(*) from (select distinct a.d, b.d from t.t as a cross join t.t as b) as q

-- distinct on
select count(*) from (select distinct on (a.d, b.id) a.d, b.d from t.t as a cross join t.t as b order by a.d, b.id, b.v) as q

-- a recursion without end
with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r

-- a recursion that doubles
with recursive r as (select 1::bigint as n union all select n + x from r cross join (values (1), (2)) as v(x) where n < 1000000) select count(*) from r

-- a recursion that grows a text
with recursive r as (select 'x' as n union all select concat(n, n) from r where length(n) < 2000000000) select max(length(n)) from r

-- a recursion over a table
with recursive r as (select id, d from t.t union all select r.id + 1, r.d || t.d from r join t.t on r.id = t.id) select count(*) from r

-- a recursion of distinct rows
with recursive r as (select 1::bigint as n union select n + 1 from r) select count(*) from r

-- two hundred unions
select count(*) from (select d from t.t[[ union all select d || '#' from t.t * 200]]) as q

-- a hundred distinct unions
select count(*) from (select d from t.t[[ union select d || '#' from t.t * 100]]) as q

-- except all of a product
select count(*) from (select a.id, b.id as i from t.t as a cross join t.t as b except all select id, id from t.t) as q

-- intersect of products
select count(*) from (select a.id, b.id as i from t.t as a cross join t.t as b intersect select b.id, a.id from t.t as a cross join t.t as b) as q
