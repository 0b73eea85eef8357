-- a triple cross join counted
select count(*) from t.t as a cross join t.t as b cross join t.t as c

-- a triple cross join summed
select sum(a.v * b.v - c.v) from t.t as a cross join t.t as b cross join t.t as c

-- a cross join sent
select a.id, b.id from t.t as a cross join t.t as b

-- a cross join sorted
select a.d, b.d from t.t as a cross join t.t as b order by a.v + b.v limit 1000000

-- a cross join of wide rows
select max(a.x || b.d) from (select concat(d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d) as x from t.t) as a cross join t.t as b

-- a cross join with one long value
select max(a.id), max(length(x)) from t.t as a cross join (select string_agg(d, '') as x from t.t) as b

-- a join with one long value
select max(length(b.x)) from t.t as a join (select k, string_agg(d, '') as x from t.t group by 1) as b on a.k = b.k

-- a join with one long array
select max(array_length(b.x, 1)) from t.t as a join (select k, array_agg(d) as x from t.t group by 1) as b on a.k = b.k

-- a join on a constant key
select count(*) from t.t as a join t.t as b on a.k = b.k join t.t as c on b.k = c.k

-- a join on a constant key with a filter that drops all
select count(*) from t.t as a join t.t as b on a.k = b.k and a.id + b.id < 0

-- a loop join that drops all
select count(*) from t.t as a join t.t as b on a.v + b.v < 0 and a.id <> b.id

-- a left loop join
select count(*) from t.t as a left join t.t as b on a.v > b.v + 1000000

-- a full loop join
select count(*) from t.t as a full join t.t as b on a.v * b.v < -1

-- an anti join by inequality
select count(*) from t.t as a where not exists (select 1 from t.t as b where b.v < a.v - 1000000)

-- a semi join on a constant key
select count(*) from t.t as a where exists (select 1 from t.t as b where a.k = b.k)

-- a semi join on a constant key with a filter
select count(*) from t.t as a where exists (select 1 from t.t as b where a.k = b.k and a.id + b.id < 0)

-- not in
select count(*) from t.t where d not in (select d || 'x' from t.t)

-- a range join
select count(*) from t.t as a join t.t as b on a.v between b.v - 100000 and b.v + 100000

-- a lateral join
select count(*) from t.t as a, lateral (select b.id from t.t as b where b.v < a.v) as c

-- a correlated count
select sum((select count(*) from t.t as b where b.v < a.v)) from t.t as a

-- a build side of the whole memory
select max(a.d), min(b.d) from (select concat(d, d, d, d, d, d) as d, id from t.t) as a join (select concat(d, d, d, d, d, d) as d, id from t.t) as b on a.id = b.id and a.d <= b.d

-- forty joins
select count(*) from t.t as a[[ join t.t as a# on a.id = a#.id * 40]]

-- two hundred joins
select count(*) from t.t as a[[ join t.t as a# on a.id = a#.id * 200]]

-- two hundred cross joins
select count(*) from t.t as a[[ cross join t.t as a# * 200]]

-- six natural cross products of groups
select count(*) from (select g from t.t) as a[[ join (select g as g#, id as i# from t.t) as a# on a.g = a#.g# * 6]]

-- a hundred subqueries in a list
select id[[, (select max(b.v) from t.t as b where b.g = a.g + #) as x# * 100]] from t.t as a

-- exists in exists
select count(*) from t.t as a0 where [[exists (select 1 from t.t where  * 30]]true[[) * 30]]
