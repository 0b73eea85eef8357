-- a chain of +
select 1[[+1 * 4900]]

-- a chain of + over a column
select sum(id[[+id * 4900]]) from t.t

-- a chain of *
select 1.0[[*1.0 * 3000]]

-- a chain of ||
select length('a'[[||'b' * 4900]])

-- a chain of AND
select count(*) from t.t where id > 0[[ and id <> # * 1200]]

-- a shorter chain of AND
select count(*) from t.t where id > 0[[ and id <> # * 499]]

-- a chain of OR
select count(*) from t.t where id = 0[[ or id = # * 1200]]

-- OR of AND
select count(*) from t.t where (id = 1 and g = 1)[[ or (id = # and g = # and v > #) * 350]]

-- a CASE of many branches
select max(case[[ when id = # then # * 800]] else 0 end) from t.t

-- nested CASE
select [[case when id > # then # else  * 60]]0[[ end * 60]] from t.t limit 1

-- deep parentheses
select [[( * 60]]1[[) * 60]]

-- deep functions of two arguments
select [[round( * 30]]1.5[[, 1) * 30]]

-- deep functions
select [[abs( * 60]]1[[) * 60]]

-- deep subqueries
select * from [[(select * from  * 60]]t.t[[) as q# * 60]] limit 1

-- deep NOT
select [[not  * 62]]true

-- deep minus
select [[-  * 60]] 1

-- a long list of IN
select count(*) from t.t where id in (0[[, # * 3200]])

-- a long list of NOT IN over texts
select count(*) from t.t where d not in ('a'[[, 'a#' * 3200]])

-- a wide select list
select id[[, id + # as a# * 800]] from t.t limit 1

-- wide VALUES
select count(*) from (values (1)[[, (#) * 1900]]) as v(n)

-- a row of many VALUES
select * from (values (1[[, # * 3200]])) as v

-- many CTEs
with c0 as (select 1 as a)[[, d# as (select max(id) as a from t.t) * 300]] select c0.a from c0

-- CTEs that double
with c0 as (select id as a from t.t), c1 as (select x.a from c0 as x join c0 as y using (a)), c2 as (select x.a from c1 as x join c1 as y using (a)), c3 as (select x.a from c2 as x join c2 as y using (a)), c4 as (select x.a from c3 as x join c3 as y using (a)), c5 as (select x.a from c4 as x join c4 as y using (a)), c6 as (select x.a from c5 as x join c5 as y using (a)), c7 as (select x.a from c6 as x join c6 as y using (a)) select count(*) from c7

-- CTEs that double an expression
with c0 as (select id as a from t.t), c1 as (select a + a as a from c0), c2 as (select a + a as a from c1), c3 as (select a + a as a from c2), c4 as (select a + a as a from c3), c5 as (select a + a as a from c4), c6 as (select a + a as a from c5), c7 as (select a + a as a from c6), c8 as (select a + a as a from c7), c9 as (select a + a as a from c8), d0 as (select a + a as a from c9), d1 as (select a + a as a from d0), d2 as (select a + a as a from d1), d3 as (select a + a as a from d2), d4 as (select a + a as a from d3), d5 as (select a + a as a from d4), d6 as (select a + a as a from d5), d7 as (select a + a as a from d6), d8 as (select a + a as a from d7), d9 as (select a + a as a from d8), e0 as (select a + a as a from d9), e1 as (select a + a as a from e0), e2 as (select a + a as a from e1) select max(a) from e2

-- CTEs that repeat a condition
with c0 as (select id, id > 5 as a from t.t), c1 as (select id, a and (a or id < 3) as a from c0), c2 as (select id, a and (a or id < 3) as a from c1), c3 as (select id, a and (a or id < 3) as a from c2), c4 as (select id, a and (a or id < 3) as a from c3), c5 as (select id, a and (a or id < 3) as a from c4), c6 as (select id, a and (a or id < 3) as a from c5), c7 as (select id, a and (a or id < 3) as a from c6), c8 as (select id, a and (a or id < 3) as a from c7), c9 as (select id, a and (a or id < 3) as a from c8), d0 as (select id, a and (a or id < 3) as a from c9), d1 as (select id, a and (a or id < 3) as a from d0), d2 as (select id, a and (a or id < 3) as a from d1), d3 as (select id, a and (a or id < 3) as a from d2), d4 as (select id, a and (a or id < 3) as a from d3), d5 as (select id, a and (a or id < 3) as a from d4), d6 as (select id, a and (a or id < 3) as a from d5), d7 as (select id, a and (a or id < 3) as a from d6), d8 as (select id, a and (a or id < 3) as a from d7) select count(*) from d8 where a

-- a conjunction of disjunctions
select count(*) from t.t where (id = 1 or g = 1)[[ and (id = # or g = #) * 500]]

-- a join on many conditions
select count(*) from t.t as a join t.t as b on a.id = b.id[[ and a.v + # > b.v * 600]]

-- a group by many expressions
select count(*) from (select count(*) from t.t group by id[[, id + # * 1300]]) as q

-- an order by many expressions
select id from t.t order by id[[, id + # * 1300]] limit 1

-- many windows in a list
select id[[, row_number() over (partition by g, id + # order by v) as a# * 300]] from t.t limit 1

-- many aggregates
select count(*)[[, sum(id + #) as a# * 650]] from t.t

-- a literal of five megabytes
select length('[[x * 900000]]')

-- a name of a megabyte
select 1 as "[[x * 1000000]]"

-- a comment of megabytes
select 1 /* [[x * 900000]] */

-- a number of a million digits
select [[9 * 1000000]]

-- an array of many elements
select array_length(array[1[[, # * 3200]]], 1)

-- nested arrays
select [[array[ * 60]]1[[] * 60]]

-- a chain of comparisons of texts
select count(*) from t.t where s like 'a%'[[ or s like '%#%' * 1150]]

-- a chain of BETWEEN
select count(*) from t.t where id between 1 and 2[[ or id between # and # + 1 * 600]]

-- a chain of coalesce
select max(coalesce(nullif(id, 0)[[, nullif(id, #) * 1000]])) from t.t

-- a chain of casts
select max(id[[::text::bigint * 800]]) from t.t

-- explain of a long chain
explain select 1[[+1 * 4900]]
