-- What computed each module.
select column1 as module, 'v1' as model_version, column2 as algorithm,
  (select max(visited_at) from activity) as trained_at, 'recommender-science' as owner
from (values
  ('because_you_viewed', 'item-item co-occurrence, cosine'),
  ('cold_start', 'visits, most first'),
  ('recent_activity', 'last visit first'))
order by module
