-- owner: home-page
-- summary: Courses for a learner's home page; what is popular where nothing is personal.
-- params:
--   learner_id: {type: bigint, required: true, description: The learner who looks.}
--   limit: {type: integer, default: 5, minimum: 1, maximum: 10, description: Courses a module.}
with personal as (
  select module, rank, course_id, score
  from recommendations.results
  where learner_id = $learner_id
),
shown as (
  select * from personal
  union all
  select module, rank, course_id, score
  from recommendations.results
  where learner_id = 0 and not exists (select 1 from personal)
)
select module, rank, course_id, round(score, 3) as score
from shown
where rank <= $limit
order by module desc, rank
