-- Raw scores: how alike a new course is to what the learner did.
with visits as (select distinct learner_id, course_id from activity),
candidates as (
  select v.learner_id, s.other_id as course_id, max(s.similarity) as score
  from visits v
  join similar s on s.course_id = v.course_id
  left join visits seen on seen.learner_id = v.learner_id and seen.course_id = s.other_id
  where seen.course_id is null
  group by v.learner_id, s.other_id
),
ranked as (
  select *, row_number() over (partition by learner_id order by score desc, course_id) as place
  from candidates
)
select 'item-item' as model, learner_id, course_id, least(1.0, score) as score
from ranked
where place <= 20
order by model, learner_id, course_id
