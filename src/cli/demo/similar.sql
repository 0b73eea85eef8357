-- Co-occurrence: courses are alike when the same learners visit them (cosine).
with visits as (select distinct learner_id, course_id from activity),
sizes as (select course_id, count(*) as n from visits group by course_id),
pairs as (
  select a.course_id as course_id, b.course_id as other_id, count(*) as together
  from visits a
  join visits b on b.learner_id = a.learner_id and b.course_id <> a.course_id
  group by a.course_id, b.course_id
)
select p.course_id, p.other_id, p.together / sqrt(cast(s.n * o.n as double)) as similarity
from pairs p
join sizes s on s.course_id = p.course_id
join sizes o on o.course_id = p.other_id
