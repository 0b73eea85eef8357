-- a pattern for each row
select count(*) from t.t where regexp_like(d, concat('(', s, '){1000}'))

-- a pattern for each row with the operator ~
select count(*) from t.t where d ~ concat('(', s, '|[a-z]{500}){20}')

-- a pattern with repetitions of repetitions
select count(*) from t.t where regexp_like(d, '((a{1,1000}){1,1000}){1,1000}')

-- a pattern of alternatives
select count(*) from t.t where regexp_like(d, '(x[[|a# * 50000]])')

-- a pattern of optional letters
select count(*) from t.t where regexp_like(d, '[[a? * 5000]][[a * 5000]]')

-- unicode classes repeated
select count(*) from t.t where regexp_like(d, '[[\pL{0,100} * 200]]x')

-- regexp_replace with a pattern for each row
select max(length(regexp_replace(d, concat('(', s, '){500}'), 'x', 'g'))) from t.t

-- regexp_match with a pattern for each row
select count(regexp_match(d, concat('((', s, ')|[a-z]{800})+'))) from t.t

-- regexp_count of every place
select sum(regexp_count(d, '(a|b|c|d)*')) from t.t

-- a slow pattern on long texts
select max(length(regexp_replace([[concat( * 4]]d[[, d, d, d, d, d) * 4]], '(.*)(.*)(.*)(.*)x', 'y', 'g'))) from t.t

-- like with many %
select count(*) from t.t where d like '[[%a * 5000]]%'

-- like with many _
select count(*) from t.t where d like '[[_ * 100000]]%'

-- like with a pattern for each row
select count(*) from t.t where d like concat('%', s, '%[[_%a * 100]]')

-- a join by like
select count(*) from t.t as a join t.t as b on a.d like concat('%', b.s, '%')

-- a join by a pattern
select count(*) from t.t as a join t.t as b on a.d ~ b.s

-- similar to
select count(*) from t.t where d similar to '[[(a|b)* * 2000]]'

-- similar to of every row
select count(*) from t.t where d similar to concat('(', s, '|x){400}')

-- strpos in long texts
select max(strpos([[concat( * 5]]d[[, d, d, d, d, d) * 5]], '[[x * 1000]]')) from t.t
