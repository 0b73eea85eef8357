-- Three ways to recommend, one table.
with last_visit as (
  select learner_id, course_id, max(visited_at) as visited_at
  from activity
  group by learner_id, course_id
),
-- What the learner did last comes first; each place back halves the score.
recent as (
  select learner_id, 'recent_activity' as module, course_id, cast(null as bigint) as seed_course_id,
    row_number() over (partition by learner_id order by visited_at desc, course_id) as rank
  from last_visit
),
seeds as (select learner_id, course_id as seed_course_id from recent where rank = 1),
-- Courses like the one viewed last that the learner has not seen.
viewed as (
  select d.learner_id, 'because_you_viewed' as module, s.other_id as course_id, d.seed_course_id,
    s.similarity,
    row_number() over (partition by d.learner_id order by s.similarity desc, s.other_id) as rank
  from seeds d
  join similar s on s.course_id = d.seed_course_id
  left join last_visit seen on seen.learner_id = d.learner_id and seen.course_id = s.other_id
  where seen.course_id is null
),
-- What everybody visits, for those of whom nothing is known.
popular as (
  select course_id, count(*) as visits,
    row_number() over (order by count(*) desc, course_id) as rank
  from activity
  group by course_id
)
select learner_id, module, cast(rank as integer) as rank, course_id,
  power(0.5, cast(rank - 1 as double)) as score, seed_course_id, 'v1' as model_version
from recent where rank <= 10
union all
select learner_id, module, cast(rank as integer), course_id, least(1.0, similarity),
  seed_course_id, 'v1'
from viewed where rank <= 10
union all
select 0, 'cold_start', cast(rank as integer), course_id,
  visits / cast(max(visits) over () as double), cast(null as bigint), 'v1'
from popular where rank <= 10
order by learner_id, module, rank
