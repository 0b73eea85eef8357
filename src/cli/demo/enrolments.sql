-- Who is enrolled: everyone who visited a course.
select learner_id, course_id, min(visited_at) as enrolled_at,
  least(1.0, sum(minutes) / 120.0) as progress
from activity
group by learner_id, course_id
order by learner_id, course_id
