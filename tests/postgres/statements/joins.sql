-- Joins of every kind.
select a.id, b.id from edges.pairs a join edges.pairs b on a.k = b.k where a.id < b.id order by 1, 2;
select a.id, b.id from edges.pairs a left join edges.pairs b on a.k = b.v / 10 order by 1, 2;
select a.id, b.id from edges.pairs a right join edges.pairs b on a.k = b.v / 10 order by 1, 2;
select a.id, b.id from edges.pairs a full join edges.pairs b on a.k = b.v / 10 order by 1, 2;
select count(*) from edges.pairs a cross join edges.pairs b;
select count(*) from edges.pairs a, edges.pairs b where a.g = b.g;
select k, a.v, b.v from edges.pairs a join edges.pairs b using (k) where a.v < b.v order by 1, 2, 3;
select * from edges.pairs a join edges.lists b using (id) order by id;
select k, g, a.id, b.id from edges.pairs a full join edges.pairs b using (k, g) order by 1, 2, 3, 4;
select * from (select k, v from edges.pairs) as a natural join (select k, g from edges.pairs) as b order by 1, 2, 3;
select a.id, b.id from edges.pairs a natural join edges.pairs b order by 1, 2;
select a.x, b.x, count(*) from edges.pairs a join edges.pairs b on a.x = b.x group by 1, 2 order by 1, 2, 3;
select a.id, b.id from edges.pairs a join edges.extremes b on a.x = b.dbl order by 1, 2;
select a.id, b.id from edges.pairs a join edges.extremes b on a.k = b.small order by 1, 2;
select a.id, b.id from edges.pairs a join edges.extremes b on a.v = b.price order by 1, 2;
select a.id, b.id from edges.pairs a join edges.extremes b on a.n = b.price order by 1, 2;
select a.id, b.id from edges.pairs a join edges.extremes b on a.n = b.dbl order by 1, 2;
select a.id, b.id from edges.pairs a join edges.extremes b on a.g = b.word order by 1, 2;
select a.id, b.id from edges.pairs a join edges.extremes b on a.on_day = b.day order by 1, 2;
select a.id, b.id from edges.pairs a join edges.extremes b on a.on_day = b.wall order by 1, 2;
select a.id, b.id from edges.pairs a left join edges.pairs b on a.k = b.k and b.v > 20 order by 1, 2;
select a.id, b.id from edges.pairs a left join edges.pairs b on a.k = b.k where b.v > 20 order by 1, 2;
select a.id, b.id from edges.pairs a left join edges.pairs b on a.k < b.k and a.g = b.g order by 1, 2;
select a.id, b.id from edges.pairs a full join edges.pairs b on a.k = b.k and a.ok and not b.ok order by 1, 2;
select a.id, b.id from edges.pairs a full join edges.pairs b on a.k < b.k order by 1, 2;
select a.id, b.id from edges.pairs a join edges.pairs b on a.k is not distinct from b.k where a.id <= b.id order by 1, 2;
select a.id, b.id from edges.pairs a join edges.pairs b on true where a.id < 2 and b.id < 2 order by 1, 2;
select a.id, b.id from edges.pairs a left join edges.pairs b on false order by 1, 2;
select a.id, b.id, c.id from edges.pairs a join edges.pairs b on a.k = b.k left join edges.pairs c on b.g = c.g and c.id > b.id where a.id < b.id order by 1, 2, 3;
select a.id, t.total from edges.pairs a, lateral (select sum(v) as total from edges.pairs b where b.k = a.k) as t order by 1;
select a.id, t.id from edges.pairs a left join lateral (select id from edges.pairs b where b.k = a.k and b.id > a.id order by id limit 1) as t on true order by 1;
select a.id, u.x from edges.lists a cross join lateral unnest(a.ints) as u(x) order by 1, 2;
select a.id, x from edges.lists a, unnest(a.words) as x order by 1, 2;
select (a.k = b.k) is true, count(*) from edges.pairs a, edges.pairs b group by 1 order by 1;
select a.* from edges.pairs a join edges.pairs b on a.id = b.id + 1 order by a.id;
select a.id, b.* from edges.pairs a join (values (1, 'one'), (2, 'two')) as b(k, name) on a.k = b.k order by 1;
select a.id as left_id, b.id as right_id, a.k, b.k from edges.pairs a left join (select * from edges.pairs where ok) b on a.k = b.k order by 1, 2;
select * from edges.pairs a join edges.pairs b on a.id = b.id where a.id = 0;
select id from edges.pairs a join edges.pairs b on a.k = b.k;
select a.id from edges.pairs a join edges.pairs b on a.missing = b.k;
select * from (edges.pairs a join edges.lists b using (id)) join edges.pairs c using (id) order by id limit 3;
select count(*) from edges.pairs a left join edges.pairs b using (g) where b.g is null;
select l.country, c.level, count(*) from learning.enrolments e join learning.learners l using (learner_id) join learning.courses c using (course_id) group by 1, 2 order by 1, 2;
select c.course_id, c.title, count(e.learner_id) from learning.courses c left join learning.enrolments e on e.course_id = c.course_id and e.progress > 0.9 group by 1, 2 order by 3 desc, 1 limit 10;
select r.module, m.algorithm, count(*), avg(r.score) from recommendations.results r join recommendations.metadata m using (module, model_version) group by 1, 2 order by 1;
select count(*) from learning.learners l where not exists (select 1 from learning.enrolments e where e.learner_id = l.learner_id);
select r.rank, c.title from recommendations.results r join learning.courses c on c.course_id = r.course_id where r.learner_id = 0 and r.module = 'cold_start' order by r.rank;
select a.learner_id, a.course_id, b.course_id from learning.enrolments a join learning.enrolments b on a.learner_id = b.learner_id and a.course_id < b.course_id and b.enrolled_at - a.enrolled_at between interval '0' and interval '3 days' order by 1, 2, 3 limit 20;

-- Columns of both sides have one name.
select t2.id from edges.extremes as t1 right join edges.extremes as t2 on t1.whole = t2.whole where t2.price < t1.id::float8 * t1.id::numeric order by 1;
select a.id, b.id from edges.pairs as a left join edges.pairs as b on a.k = b.id join edges.lists as c on c.id = b.id where a.v is distinct from b.v order by 1, 2;
with p as (select v as c0, id as c1, k as c2 from edges.pairs order by 1, 2, 3 limit 20) select p1.c2, p2.c1 as r1, coalesce(p1.c0, p2.c0) from p as p1 full join p as p2 on p1.c2 = p2.c2 where p1.c1 + p1.c1 > 2 order by 2, 3, 1 limit 7;
with p as (select v as c0, id as c1, k as c2 from edges.pairs order by 1, 2, 3 limit 20) select p2.c2, p2.c1 as r1, coalesce(p2.c0, p1.c0) from p as p1 full join p as p2 on p1.c2 = p2.c0 where p1.c1 + p1.c1 > 2 order by 2, 3, 1;

-- A constant of the side that may be missing is NULL in some rows.
select b.id, t2.c1 from edges.pairs as b left join (select id, 5 as c1 from edges.extremes where whole = 1) as t2 on t2.id = b.id order by t2.c1, b.id;
select x, id from edges.pairs as b left join (select id as bid, whole as x from edges.extremes where whole = 1) as t2 on t2.bid = b.id order by x, b.id;
select b.id, row_number() over (partition by t2.c1 order by b.id) from edges.pairs as b left join (select id, 5 as c1 from edges.extremes where whole = 1) as t2 on t2.id = b.id order by b.id;
select t2.c1, b.id from (select id as c0, make_date(2024, 2, 16) as c1 from edges.extremes) as t2 full join edges.pairs as b on t2.c0 = b.k order by t2.c1, b.id, t2.c0;

-- Keys that are arrays, some of which hold NULL.
select count(*) from edges.extremes a join edges.extremes b on array[b.id, 1] = array[a.whole, 1];
select count(*) from edges.extremes a left join edges.extremes b on array[b.id, null] = array[a.whole, null];
select count(*) from edges.extremes a full join edges.extremes b on array[b.whole, a.id] = array[a.whole, a.id];
select count(*) from edges.extremes a join edges.extremes b on array[array[b.id, 1]] = array[array[a.whole, 1]] and b.id = a.whole;
select count(*) from edges.extremes a where array[a.whole, 1] in (select array[b.whole, 1] from edges.extremes b);
select count(*) from edges.extremes a where array[a.whole, 1] not in (select array[b.id, 1] from edges.extremes b);
select count(*) from (select array[whole, 1] from edges.extremes intersect select array[id, 1] from edges.extremes) t;
select count(*) from (select array[whole, 1] from edges.extremes except select array[id, 1] from edges.extremes) t;
select a.id, b.id from edges.lists a join edges.lists b on a.ints = b.ints order by 1, 2;
select a.id, b.id from edges.lists a join edges.lists b on a.words = b.words and a.ints is not distinct from b.ints order by 1, 2;
select array[k, 1] as a, id from edges.pairs order by 1, 2 limit 3;
select min(array[k, 1]), max(array[k, 1]) from edges.pairs;
