-- cube of twelve
select max(n), count(distinct s), max(d) from (select id, g, k, v, s, d, count(*) as n from t.t group by cube (id, g, k, v, s, d, id + 1, g + 1, k + 1, v + 1, s || 'a', d || 'a')) as q

-- cube of seven wide columns
select max(n), max(d), max(s), max(id) from (select d, s, id, count(*) as n from t.t group by cube (d, s, id, d || 'x', s || 'x', id + 1, v)) as q

-- rollup of thirty
select max(n) from (select count(*) as n from t.t group by rollup (id[[, id + # * 30]])) as q

-- a thousand grouping sets
select max(n) from (select count(*) as n from t.t group by grouping sets ((id)[[, (id + #) * 999]])) as q

-- cubes beside each other
select max(n) from (select count(*) as n from t.t group by cube (id, g, k, v), cube (s, d, id + 1, g + 1), cube (k + 1, v + 1)) as q

-- array_agg of everything
select array_length(array_agg(d), 1) from t.t as a cross join (select id from t.t limit 100) as b

-- array_agg of each group
select max(array_length(x, 1)) from (select a.g, array_agg(a.d) as x from t.t as a join t.t as b on a.g = b.g group by 1) as q

-- array_agg as a window
select max(array_length(x, 1)) from (select array_agg(d) over (order by id) as x from t.t) as q

-- array_agg over a whole partition
select max(array_length(x, 1)) from (select array_agg(d) over () as x from t.t) as q

-- string_agg of everything
select length(string_agg(a.d, ',')) from t.t as a cross join (select id from t.t limit 100) as b

-- string_agg with a long delimiter
select length(string_agg(d, '[[x * 100000]]')) from t.t

-- string_agg as a window
select max(length(x)) from (select string_agg(d, ',') over (order by id) as x from t.t) as q

-- percentile with endless centroids
select approx_percentile_cont(v, 0.5, 9999999999) from t.t

-- percentile with many centroids in each group
select max(p) from (select id, approx_percentile_cont(v, 0.5, 10000) as p from t.t group by 1) as q

-- percentile with centroids of a column
select approx_percentile_cont(v, 0.5, 2000000000) from t.t

-- median of a product
select median(a.v + b.v) from t.t as a cross join t.t as b

-- count distinct of a product
select count(distinct a.id * 100000 + b.id) from t.t as a cross join t.t as b

-- many distinct counts
select count(distinct d)[[, count(distinct d || '#') * 40]] from t.t

-- distinct of long values
select count(*) from (select distinct concat(d, d, d, d, d, d, d, d, d, d) as x from t.t) as q

-- groups of long values
select max(n), max(x) from (select concat(d, d, d, d, d, d, d, d, d, d) as x, count(*) as n from t.t group by 1) as q

-- groups of a product
select max(n) from (select a.id, b.id, count(*) as n from t.t as a cross join t.t as b group by 1, 2) as q

-- approx_distinct in each group
select max(n) from (select id, approx_distinct(d) as n from t.t group by 1) as q

-- many aggregates of many groups
select max(m0)[[, min(m#) * 100]] from (select id[[, max(d || '#') as m# * 100]] from t.t group by 1) as q

-- unnest of an aggregate
select max(x) from (select unnest(l) as x from (select array_agg(d) as l from t.t) as a cross join (select id from t.t limit 500) as b) as q

-- unnest beside a long text
select max(length(x)), max(n) from (select '[[x * 100000]]' as x, unnest(array_agg(id)) as n from t.t) as q

-- unnest beside wide rows
select max(length(x)) from (select unnest(l) as n, d || d || d || d || d || d || d || d as x from (select d, array_cat(l, array_cat(l, array_cat(l, array_cat(l, array_cat(l, l))))) as l from t.t) as q) as r

-- unnest of unnest
select count(*) from (select unnest(m) from (select unnest(array[array[l, l], array[l, l], array[l, l]]) as m from t.t) as a) as b

-- an ordered aggregate
select length(string_agg(a.d, ',' order by b.v desc, a.s)) from t.t as a cross join (select v from t.t limit 50) as b

-- first values of long texts
select max(x) from (select id, first_value(concat(d, d, d, d, d, d, d, d) order by v) as x from t.t group by 1) as q
