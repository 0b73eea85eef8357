-- owner: home-page
-- summary: Courses like the one that the learner viewed last, with titles.
-- params:
--   learner_id: {type: bigint, required: true}
--   limit: {type: integer, default: 10, maximum: 10}
select r.rank, c.title, c.level, viewed.title as because_you_viewed
from recommendations.results r
join learning.courses c on c.course_id = r.course_id
join learning.courses viewed on viewed.course_id = r.seed_course_id
where r.learner_id = $learner_id and r.module = 'because_you_viewed'
order by r.rank
limit $limit
