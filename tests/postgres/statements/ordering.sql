-- ORDER BY, LIMIT, OFFSET, DISTINCT.
select id from edges.pairs order by k, id;
select id from edges.pairs order by k desc, id;
select id from edges.pairs order by k nulls first, id;
select id from edges.pairs order by k desc nulls last, id desc;
select id, x from edges.pairs order by x, id;
select id, x from edges.pairs order by x desc, id;
select id, dbl from edges.extremes order by dbl, id;
select id, dbl from edges.extremes order by dbl desc nulls last, id;
select id, single from edges.extremes order by single, id;
select id, word from edges.extremes order by word, id;
select id, word from edges.extremes order by word desc, id;
select id, lower(word) from edges.extremes order by lower(word), id;
select id, bytes from edges.extremes order by bytes, id;
select id, flag from edges.extremes order by flag, id;
select id, flag from edges.extremes order by flag desc, id;
select id, price, exact from edges.extremes order by price, exact, id;
select id, day, wall, at from edges.extremes order by day, wall, at, id;
select id, big from edges.extremes order by big desc, id limit 5;
select id, ints from edges.lists order by ints, id;
select id, words from edges.lists order by words desc, id;
select id, dbls from edges.lists order by dbls, id;
select id from edges.pairs order by v + k, id;
select id, v as k from edges.pairs order by k, id;
select id, -v as v from edges.pairs order by v, id;
select id, -v as v from edges.pairs order by v + 0, id;
select id as a, k as b from edges.pairs order by b, a desc;
select id, k from edges.pairs order by 2, 1;
select id from edges.pairs order by 3;
select id from edges.pairs order by 'x', id;
select id from edges.pairs order by missing;
select id from edges.pairs order by case when ok then 0 when ok is null then 1 else 2 end, id;
select id from edges.pairs order by id limit 3;
select id from edges.pairs order by id limit 3 offset 2;
select id from edges.pairs order by id offset 10;
select id from edges.pairs order by id limit 0;
select id from edges.pairs order by id limit null;
select id from edges.pairs order by id limit all offset 10;
select id from edges.pairs order by id limit -1;
select id from edges.pairs order by id limit 1 + 1;
select id from edges.pairs order by id limit 2.5;
select id from edges.pairs order by id limit (select 2);
select id from edges.pairs order by id fetch first 2 rows only;
select id from edges.pairs order by id offset 2 rows fetch next 1 row only;
select k from edges.pairs order by k fetch first 2 rows with ties;
select id from edges.pairs order by id using >;
select distinct k from edges.pairs order by k;
select distinct x from edges.pairs order by x;
select distinct g, ok from edges.pairs order by g, ok;
select distinct k from edges.pairs order by v;
select distinct on (k) k, id, v from edges.pairs order by k, v desc, id;
select distinct on (g) g, id from edges.pairs order by g nulls first, id desc;
select distinct on (x) x, id from edges.pairs order by x, id;
select distinct on (k, g) k, g, id from edges.pairs order by k, g, id;
select distinct on (k) id from edges.pairs order by v;
select distinct on (k) k, id, v from edges.pairs order by k, v, v desc, id;
select distinct on (k, k) k, id from edges.pairs order by k, k desc, id desc, id;
select distinct on (1 + 2) 1 + 2, length('abc'), id from edges.pairs order by 1 desc, 2 desc, id;
select array_agg(id order by g, g desc, id) from edges.pairs;
select id, row_number() over (order by g, g desc, id) from edges.pairs order by id, id desc;
select distinct ints from edges.lists order by ints;
select distinct dbl from edges.extremes order by dbl;
select distinct price from edges.extremes order by price;
select all k from edges.pairs order by k limit 3;
select id from (select id from edges.pairs order by id desc limit 3) as t order by id;
select interval '1 month' as i union all select interval '29 days' union all select interval '31 days' order by i;
select * from (values (interval '1 day', 1), (interval '24 hours', 2), (interval '1 hour', 3)) as t(i, n) order by i, n;
select (a).n from (select row(1, 2) as a) as t;
select course_id, hours from learning.courses order by hours desc, course_id limit 5;
select country, count(*) from learning.learners group by country order by count(*) desc, country nulls first limit 5;
select title from learning.courses order by length(title), title limit 5;

-- NULL is the greatest item of an array, wherever arrays that are NULL stand; a number is a position.
select ints from edges.lists order by 1 desc nulls last, id;
select id, ints from edges.lists order by ints nulls first, id;
select id, array[k, 1] as a from edges.pairs order by 2 desc nulls last, 1 limit 7;
select greatest(array[1, null], array[1, 2]), least(array[1, null], array[1, 2]), greatest(null::int[], array[1]);
select 1 as r2, id from edges.pairs order by 1, 2 desc;
select *, id from edges.pairs order by id limit 2;

-- Brackets around a constant change nothing: a whole number is a position, any other constant is refused.
select k, id from edges.pairs order by (1), ((2)) desc;
select k, id from edges.pairs order by (2.5), id;
select k, id from edges.pairs order by ('x'), id;
select count(*) from edges.pairs group by k, (-2.5);
select (k), count(*) from edges.pairs group by (1) order by 1;
select distinct on ((1)) k, id from edges.pairs order by k, id;
select distinct on ((-2.50)) k, id from edges.pairs order by 1, 2;
select distinct on (k, K, (k)) k, id from edges.pairs order by k, id;
select distinct on (k + 1, k + 1) k, id from edges.pairs order by k + 1, id;
select k from edges.pairs union select id from edges.pairs order by (1);

-- A name that several result columns have.
select id as a, k as a from edges.pairs order by a;
select id as k, k from edges.pairs order by k limit 3;
select p.id, l.id from edges.pairs p join edges.lists l on p.id = l.id order by id;
select id, p.id from edges.pairs p order by id limit 2;
select id as a, id as a from edges.pairs order by a limit 2;
select count(*), 5 as count from edges.pairs order by count;
select distinct on (a) id as a, k as a from edges.pairs;
select id as a, id + 0 as a from edges.pairs group by a;
select id, sum(v) as id from edges.pairs group by id order by 1;
select id, sum(v) as id from edges.pairs group by id order by id;

-- Names in HAVING are those of FROM.
select k, count(*) as v from edges.pairs group by k having v > 1;
select -k as k, count(*) from edges.pairs group by k having k > 1 order by 1;
select lower(g) as g, count(*) from edges.pairs group by g having g > 'a' order by g;
select k, count(*) as v from edges.pairs group by k having sum(v) > 50 order by 1;

-- DISTINCT is ordered by what it selects.
select distinct k from edges.pairs order by -k;
select distinct g from edges.pairs order by lower(g);
select distinct * from edges.pairs order by k + 1;
select distinct k, lower(g) from edges.pairs order by lower(g), k;
select distinct p.k + 1 from edges.pairs p order by p.k + 1;
select distinct on (k) k, g from edges.pairs order by k, g desc;

-- Clauses behind a query in brackets are its own.
(select id from edges.pairs limit 2) order by id desc;
(select id from edges.pairs order by id limit 2) order by id desc;
(select id from edges.pairs order by id desc) limit 2;
(select id from edges.pairs order by id limit 5) offset 2;
(select id from edges.pairs order by id limit 5) limit 2;
(select id from edges.pairs order by id fetch first 2 rows only) limit 1;
select 1 limit 1 fetch first 1 row only;
(select -id as k, k as z from edges.pairs) order by k + 0, z, id;
((select id from edges.pairs)) order by id desc limit 2;
(select id from edges.pairs union select 100) order by id desc limit 2;
with t as (select 1 as x) (with u as (select 2 as y) select y from u, t) order by y;
with t as (select 1 as x) (select x from t union select 3) order by 1;
select * from ((select id from edges.pairs limit 2) order by id desc) t order by 1;
(select id from edges.pairs order by id desc limit 1) union all (select id from edges.pairs order by id limit 1) order by id;

-- TABLE.
select count(*) from (table edges.lists) t;
table edges.pairs order by id desc limit 2;
select 1 where 11 in (select x from (table edges.pairs) t(x));
with t as (select 1 as x) table t;
select x from (table edges.pairs) t(x) order by x limit 2;
