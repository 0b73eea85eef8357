-- WITH, recursive and not.
with a as (select 1 as x) select x + 1 from a;
with a(x, y) as (values (1, 'a'), (2, 'b')) select y, x from a order by x desc;
with a as (select k, sum(v) as total from edges.pairs group by k), b as (select max(total) as most from a) select a.k from a, b where a.total = b.most order by 1;
with a as (select id from edges.pairs), b as (select id from a where id > 5) select count(*), min(id) from b;
with a as materialized (select 1 as x), b as not materialized (select 2 as x) select * from a union all select * from b order by 1;
with a as (select 1 as x), a as (select 2 as x) select * from a;
with edges as (select 1 as x) select * from edges;
with a as (with b as (select 3 as y) select y * 2 as z from b) select z from a;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) select i from n order by i;
with recursive n(i) as (values (1) union all select i * 2 from n where i < 1000) select sum(i), count(*), max(i) from n;
with recursive fib(a, b) as (select 0, 1 union all select b, a + b from fib where b < 100) select a from fib order by a;
with recursive r(x) as (select 1 union select (x * 2) % 7 from r) select x from r order by x;
with recursive chain(id, parent) as (values (1, null), (2, 1), (3, 2), (4, 2)), up as (select id, parent, 0 as depth from chain where id = 4 union all select c.id, c.parent, u.depth + 1 from chain c join up u on c.id = u.parent) select id, depth from up order by depth;
with recursive words(w) as (select 'a' union all select w || 'b' from words where length(w) < 4) select w from words order by length(w);
with recursive d(day) as (select date '2024-02-27' union all select day + 1 from d where day < date '2024-03-02') select day from d order by day;
with recursive t as (select 1 as n, array[1] as path union all select n + 1, path || (n + 1) from t where n < 4) select n, path from t order by n;
with recursive f(n, product) as (select 1, 1::numeric union all select n + 1, product * (n + 1) from f where n < 20) select product from f order by n desc limit 1;
with recursive s(n) as (select 1 union all select n + 1 from s where n < 5) select a.n, b.n from s a join s b on a.n < b.n order by 1, 2;
with recursive narrow(x) as (select 1 union all select x + 0.5 from narrow where x < 3) select x from narrow;
with recursive endless(x) as (select 1 union all select x + 1 from endless) select x from endless limit 3;
with ranked as (select course_id, learner_id, row_number() over (partition by course_id order by progress desc, learner_id) as r from learning.enrolments) select course_id, learner_id from ranked where r = 1 order by 1 limit 10;
with per_learner as (select learner_id, count(*) as n from learning.enrolments group by 1), sizes as (select n, count(*) as learners from per_learner group by n) select n, learners, sum(learners) over (order by n desc) from sizes order by n;

with recursive t (k, v) as (select 1 as k, 10 as v union all select 2, 20 from t where k = 1) select v from t order by 1;
