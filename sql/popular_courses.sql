-- owner: catalogue
-- summary: Courses by enrolments, for one level or for all.
-- params:
--   level: {type: varchar, enum: [beginner, intermediate, advanced], default: null}
--   limit: {type: integer, default: 10, maximum: 100}
select c.course_id, c.title, c.level, count(*) as learners, round(avg(e.progress), 2) as progress
from learning.courses c
join learning.enrolments e on e.course_id = c.course_id
where $level is null or c.level = $level
group by c.course_id, c.title, c.level
order by learners desc, c.course_id
limit $limit
