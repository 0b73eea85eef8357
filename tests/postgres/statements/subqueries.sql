-- Subqueries, correlated and not.
select (select max(v) from edges.pairs), (select 1), (select null), (select v from edges.pairs where false);
select (select v from edges.pairs);
select (select id, v from edges.pairs limit 1);
select id, (select count(*) from edges.pairs b where b.k = a.k), (select max(v) from edges.pairs b where b.g = a.g and b.id <> a.id) from edges.pairs a order by id;
select id from edges.pairs a where v > (select avg(v) from edges.pairs b where b.k = a.k) order by id;
select id from edges.pairs where k in (select k from edges.pairs where v > 40) order by id;
select id from edges.pairs where k not in (select k from edges.pairs where v > 40) order by id;
select id from edges.pairs where k not in (select k from edges.pairs where v > 40 and k is not null) order by id;
select id, k in (select k from edges.pairs where v > 40), k not in (select k from edges.pairs where ok) from edges.pairs order by id;
select id from edges.pairs a where exists (select 1 from edges.pairs b where b.k = a.k and b.id <> a.id) order by id;
select id from edges.pairs a where not exists (select 1 from edges.pairs b where b.k = a.k and b.id <> a.id) order by id;
select id, exists (select 1 from edges.pairs b where b.k = a.v / 10), not exists (select 1 from edges.pairs b where b.g = a.g and b.id < a.id) from edges.pairs a order by id;
select exists (select 1 from edges.pairs where v > 1000), exists (select 1), not exists (select 1 where false);
select id from edges.pairs where v = (select max(v) from edges.pairs) order by id;
select id from edges.pairs where v >= all (select v from edges.pairs where v is not null) order by id;
select id from edges.pairs where v > any (select v from edges.pairs where k = 1) order by id;
select id from edges.pairs where v = some (select v from edges.pairs where g = 'b') order by id;
select id from edges.pairs where v <> all (select v from edges.pairs where k = 5) order by id;
select id from edges.pairs where v > all (select v from edges.pairs where false) order by id;
select id from edges.pairs where (k, g) in (select k, g from edges.pairs where ok) order by id;
select id from edges.pairs where (k, g) not in (select k, g from edges.pairs where v > 60) order by id;
select id from edges.pairs where (k, v) = (select k, v from edges.pairs where id = 1) order by id;
select t.k, t.total from (select k, sum(v) as total from edges.pairs group by k) as t where t.total > 50 order by 1;
select k, total from (select k, sum(v) from edges.pairs group by k) as t(k, total) order by 1;
select count(*) from (select distinct k, g from edges.pairs) as t;
select max(c) from (select count(*) as c from edges.pairs group by k) as t;
select id, case when exists (select 1 from edges.pairs b where b.k = a.k and b.v > a.v) then 'no' else 'yes' end as is_best from edges.pairs a order by id;
select id, coalesce((select g from edges.pairs b where b.id = a.id + 1), 'none') from edges.pairs a order by id;
select id from edges.pairs a where (select count(*) from edges.pairs b where b.v < a.v) < 3 order by id;
select id, array(select v from edges.pairs b where b.k = a.k order by v) from edges.pairs a order by id;
select id, (select string_agg(b.g, ',' order by b.id) from edges.pairs b where b.k = a.k) from edges.pairs a order by id;
select id from edges.pairs a where k = (select min(k) from edges.pairs b where b.g = a.g) order by id;
select id from edges.pairs order by (select count(*) from edges.pairs b where b.k = pairs.k) desc, id;
select sum((select max(v) from edges.pairs b where b.k = a.k)) from edges.pairs a;
select k, (select count(*) from edges.pairs b where b.v > sum(a.v)) from edges.pairs a group by k order by k;
select id, (select x from unnest(ints) as x order by x desc limit 1) from edges.lists order by id;
select id from edges.lists where 2 in (select unnest(ints)) order by id;
select id from edges.lists where exists (select 1 from unnest(words) as w where w = 'a') order by id;
select id, (select b.v from edges.pairs b where b.k = a.k order by b.id limit 1), (select b.v from edges.pairs b where b.k = a.k order by b.id offset 1 limit 1) from edges.pairs a order by id;
select id from edges.pairs a where id = (select max(id) from edges.pairs b where b.k is not distinct from a.k) order by id;
select null in (select k from edges.pairs), 1 in (select k from edges.pairs where false), null in (select k from edges.pairs where false), null not in (select k from edges.pairs where false);
select 1.0 in (select k from edges.pairs), 'a' in (select g from edges.pairs), 1 = any (select k from edges.pairs);
select title from learning.courses c where hours > (select avg(hours) from learning.courses d where d.level = c.level) order by title limit 10;
select learner_id from learning.learners l where (select count(*) from learning.enrolments e where e.learner_id = l.learner_id) > 8 order by 1;
select course_id, (select max(score) from recommendations.scores s where s.course_id = c.course_id and s.model = (select min(model) from recommendations.scores)) from learning.courses c order by 1 limit 10;
select count(*) from recommendations.results r where score = (select max(score) from recommendations.results s where s.learner_id = r.learner_id and s.module = r.module);

-- NOT stands before all that is behind EXISTS; a column of the outer query equals itself unless it is NULL.
select count(*) from edges.pairs where not exists (select 1 from edges.lists) is not null;
select id from edges.extremes as t1 where t1.flag or not exists (select 1 from edges.pairs as t2 where t1.word = t1.word) order by 1;
select t1.id from edges.pairs as t1 where t1.k >= any (select t2.id from edges.pairs as t2 where t2.k <> t1.id) order by 1;
select id from edges.pairs as t1 where t1.v >= all (select t2.v from edges.pairs as t2 where t2.k = t1.k) order by 1;
select t1.word from edges.extremes as t1 where t1.word not in (select 'ä' from edges.pairs as t3 where t3.g < t1.word) order by 1;
select t1.id from edges.pairs as t1 where extract(day from t1.on_day)::int not in (select t3.k from edges.pairs as t3 where t3.id <> extract(day from t1.on_day)::int) order by 1;
select id, k >= all (select j from (values (1), (null)) as s (j) where j < t.id) from edges.pairs as t order by 1;
select (select regr_count(1.0, 1.0) from edges.lists as l where l.id = p.k) from edges.pairs as p order by p.id;

-- A constant is compared with NULL, too.
select id from edges.pairs where 7 not in (select k from edges.pairs) order by id;
select id from edges.pairs where 7 not in (select k from edges.pairs where k is not null) order by id;
select id from edges.pairs where not ('50%' in (select g from edges.pairs where n is null)) order by id;
select id from edges.pairs where null not in (select id from edges.pairs) order by id;
select id from edges.pairs where null not in (select id from edges.pairs where false) order by id;
select id from edges.pairs where coalesce(7, k) not in (select k from edges.pairs) order by id;
select id from edges.pairs where k - k + 7 not in (select k from edges.pairs) order by id;
select id from (select id, 7 as c from edges.pairs) s where c not in (select k from edges.pairs) order by id;
select id from edges.pairs where k = 3 and k not in (select k from edges.pairs where k is null) order by id;
select id from edges.pairs where id = 3 and id not in (select k from edges.pairs) order by id;
select k from edges.pairs group by k having 7 not in (select k from edges.pairs) order by k;
select a.id, b.id from edges.pairs a left join edges.pairs b on a.id = b.k and 7 not in (select k from edges.pairs) order by 1, 2;

-- Arrays of columns and of WITH from around.
select count(*) from edges.extremes a where exists (select 1 from edges.extremes b where array[b.id] = array[a.whole]);
select count(*) from edges.extremes a where not exists (select 1 from edges.extremes b where array[b.id, 1] = array[a.whole, 1]);
select count(*) from edges.extremes a where exists (select 1 from edges.extremes b where b.id = any(array[a.whole, a.id + 1]));
select a.id, (select count(*) from edges.pairs p where array[p.k, p.id] @> array[a.id]) from edges.extremes a order by 1 limit 4;
select a.id, (select array[a.id, count(*)] from edges.pairs p where p.id < a.id) from edges.extremes a order by 1 limit 4;
select a.id, (select array[array[a.id::bigint], array[count(*)]] from edges.pairs p where p.id < a.id) from edges.extremes a order by 1 limit 4;
with t as (select 5 as x) select array[(select max(x) from t), 1];
with pairs as (select 7 as id) select array[(select max(id) from pairs), (select max(p.id) from edges.pairs p)];
select a.id, x from edges.extremes a, lateral (select unnest(array[a.id, a.whole])) as u(x) order by 1, 2 limit 5;
select a.id, x from edges.extremes a cross join lateral unnest(array[a.id, a.whole]) as u(x) order by 1, 2 limit 5;
select a.id from edges.extremes a where a.id in (select unnest(array[a.whole, 3])) order by 1;

-- What the engine cannot move out of a subquery is told as such, whichever step of planning finds it.
select a.id, (select count(*) from edges.pairs p where (p.id, p.k) in (select p2.id, p2.k from edges.pairs p2 where p2.id >= a.id)) from edges.extremes a order by 1;
select a.id, (select count(*) from edges.pairs p where exists (select 1 from edges.lists l where l.id = p.id and l.id = a.id)) from edges.extremes a order by 1;
select a.id, (select count(*) from (select distinct p.g from edges.pairs p where p.id < a.id) u) from edges.extremes a order by 1;
select a.id, x.* from edges.extremes a, lateral (values (a.id, 1), (a.whole, 2)) as x(v, n) order by 1, 3;
select a.id, (select count(*) from (values (a.id), (a.whole)) as t(v) where v > 3) from edges.extremes a order by 1;
select a.id, x.* from edges.extremes a cross join lateral unnest(array[a.id, a.whole], array[1, 2]) as x(v, n) order by 1, 3;
with t as (select 5 as x) select u from unnest(array[1, (select x from t)]) u order by 1;
