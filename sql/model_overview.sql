-- owner: recommender-science
-- summary: What each module shows, and how old its model is.
-- endpoint: false
select m.module, m.algorithm, m.model_version, m.trained_at, m.owner,
  count(*) as items, count(distinct r.learner_id) as learners, round(avg(r.score), 3) as mean_score
from recommendations.metadata m
join recommendations.results r on r.module = m.module and r.model_version = m.model_version
group by m.module, m.algorithm, m.model_version, m.trained_at, m.owner
order by m.module
