-- nested replace
select length([[replace( * 12]]d[[, 'o', 'oooooooooooooooo') * 12]]) from t.t

-- nested replace of a constant
select length([[replace( * 20]]'a'[[, 'a', 'aaaaaaaaaa') * 20]])

-- replace of nothing matched by much
select sum(length(replace(d, ' ', '[[x * 100000]]'))) from t.t

-- concat with itself
with a as (select concat(d, d, d, d, d, d, d, d, d, d) as d from t.t), b as (select concat(d, d, d, d, d, d, d, d, d, d) as d from a), c as (select concat(d, d, d, d, d, d, d, d, d, d) as d from b) select max(length(d)) from c

-- concat of one column a thousand times
select max(length(concat(d[[, d * 1000]]))) from t.t

-- concat of a constant doubled
with a as (select 'xxxxxxxxxxxxxxxx' as x), b as (select concat(x, x, x, x, x, x, x, x) as x from a), c as (select concat(x, x, x, x, x, x, x, x) as x from b), d as (select concat(x, x, x, x, x, x, x, x) as x from c), e as (select concat(x, x, x, x, x, x, x, x) as x from d), f as (select concat(x, x, x, x, x, x, x, x) as x from e), g as (select concat(x, x, x, x, x, x, x, x) as x from f), h as (select concat(x, x, x, x, x, x, x, x) as x from g), i as (select concat(x, x, x, x, x, x, x, x) as x from h) select length(x) from i

-- the operator || with itself
with a as (select d || d || d || d || d || d || d || d as d from t.t), b as (select d || d || d || d || d || d || d || d as d from a), c as (select d || d || d || d || d || d || d || d as d from b), e as (select d || d || d || d || d || d || d || d as d from c) select max(length(d)) from e

-- a thousand columns with ||
select max(length(d[[ || d * 1000]])) from t.t

-- concat_ws with long separators
select max(length(concat_ws('[[- * 50000]]', s, s, s, s, s, s, s, s, s))) from t.t

-- concat_ws of long values
with a as (select concat_ws(d, d, d, d, d, d, d, d, d) as d from t.t), b as (select concat_ws(d, d, d, d, d, d, d, d, d) as d from a), c as (select concat_ws(d, d, d, d, d, d, d, d, d) as d from b) select max(length(d)) from c

-- nested encode
select max(length([[encode( * 16]]cast(d as bytea)[[::bytea, 'hex') * 16]])) from t.t

-- nested encode of a constant
select length([[encode( * 30]]cast('0123456789abcdef' as bytea)[[::bytea, 'hex') * 30]])

-- array_to_string with a long delimiter
select max(length(array_to_string(l, '[[- * 100000]]'))) from t.t

-- array_to_string of one large array
select length(array_to_string(array_agg(d), '[[- * 20000]]')) from t.t

-- arrays appended to themselves
with a as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from t.t), b as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from a), c as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from b), d as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from c), e as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from d) select max(array_length(l, 1)) from e

-- arrays of a constant appended to themselves
with a as (select array[1, 2, 3, 4, 5, 6, 7, 8] as l), b as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from a), c as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from b), d as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from c), e as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from d), f as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from e), g as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from f), h as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from g), i as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from h), j as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from i), k as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from j), m as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from k), n as (select array_cat(l, array_cat(l, array_cat(l, l))) as l from m) select array_length(l, 1) from n

-- arrays with ||
with a as (select l || l || l || l || l || l || l || l as l from t.t), b as (select l || l || l || l || l || l || l || l as l from a), c as (select l || l || l || l || l || l || l || l as l from b), d as (select l || l || l || l || l || l || l || l as l from c) select max(array_length(l, 1)) from d

-- array_append of long texts
select max(array_length(array_append(array_append(array[d], '[[x * 50000]]'), '[[y * 50000]]'), 1)) from t.t

-- an array of a thousand columns
select max(array_length(array[d[[, d * 1000]]], 1)) from t.t

-- arrays in arrays
select max(cardinality([[array[ * 8]]l[[, l] * 8]])) from t.t

-- array_replace with a long text
select max(array_length(array_replace(array[s, s, s, s], s, '[[x * 100000]]'), 1)) from t.t

-- regexp_replace that repeats its groups
select max(length([[regexp_replace( * 6]]d[[, '(.)', '\1\1\1\1\1\1\1\1\1\1', 'g') * 6]])) from t.t

-- regexp_replace of a constant
select length([[regexp_replace( * 12]]'a'[[, '(.)', '\1\1\1\1\1\1\1\1\1\1', 'g') * 12]])

-- overlay with a long text
select max(length(overlay(d placing '[[x * 100000]]' from 2 for 1))) from t.t

-- string_to_array of many parts
with a as (select concat(d, d, d, d, d, d, d, d, d, d) as d from t.t), b as (select concat(d, d, d, d, d, d, d, d, d, d) as d from a) select max(array_length(string_to_array(d, null), 1)) from b

-- lpad to a gigabyte
select length(lpad('a', 1000000000, 'x'))

-- lpad of every row
select max(length(lpad(s, 1000000, 'x'))) from t.t

-- rpad by a column
select max(length(rpad(s, (id * 1000)::int, 'x'))) from t.t

-- repeat to a gigabyte
select length(repeat('a', 1000000000))

-- repeat of every row
select max(length(repeat(s, 100000))) from t.t

-- nested repeat
select length([[repeat( * 10]]'a'[[, 100) * 10]])

-- repeat beyond what a text counts
select length(repeat('abcdefgh', 2147483647))

-- generate_series without end
select count(*) from generate_series(1, 9223372036854775807) as g(n)

-- generate_series as an array
select array_length(array_agg(n), 1) from generate_series(1, 1000000000) as g(n)

-- generate_series of every row
select count(*) from t.t, generate_series(1, 1000000) as g(n)

-- to_char with a long pattern
select max(length(to_char(v, '[[9 * 100000]]'))) from t.t

-- translate to wider characters
select max(length(translate(d[[ || d * 100]], 'abcdefghijklmnopqrstuvwxyz', '𝔞𝔟𝔠𝔡𝔢𝔣𝔤𝔥𝔦𝔧𝔨𝔩𝔪𝔫𝔬𝔭𝔮𝔯𝔰𝔱𝔲𝔳𝔴𝔵𝔶𝔷'))) from t.t

-- a constant of a megabyte beside every row
select max(s || x) from (select s, '[[x * 1000000]]' as x from t.t) as q

-- a constant sent with every row
select id, '[[x * 200000]]' as x, '[[y * 200000]]' as y from t.t

-- a constant of a megabyte sent with every row
select id, '[[x * 1000000]]' as x from t.t

-- a CASE of long constants
select max(case when id % 2 = 0 then '[[x * 200000]]' when id % 3 = 0 then '[[y * 200000]]' else s end) from t.t

-- coalesce with a long constant
select max(coalesce(nullif(s, s), '[[x * 500000]]')) from t.t

-- greatest of long constants
select count(distinct greatest(s, '[[x * 300000]]', '[[y * 300000]]')) from t.t

-- casts of long arrays to text
with a as (select array_agg(id) as l from t.t) select max(length(a.l::text)) from a cross join t.t

-- upper of wide results
select max(length(upper([[replace( * 4]]d[[, 'o', 'ßßßßßßßßßßßßßßßß') * 4]]))) from t.t

-- split parts of grown texts
select max(length(split_part([[concat( * 8]]d[[, d, d, d, d, d) * 8]], 'x', 1))) from t.t
