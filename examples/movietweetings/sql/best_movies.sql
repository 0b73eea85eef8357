-- owner: home-page
-- summary: Movies with the best mean rating, among those that enough users rated.
-- params:
--   least: {type: integer, default: 50, minimum: 1, description: Ratings that a movie needs.}
--   limit: {type: integer, default: 10, maximum: 100}
select movie_id, count(*) as ratings, round(avg(rating), 2) as mean_rating
from movietweetings.ratings
group by movie_id
having count(*) >= $least
order by mean_rating desc, movie_id
limit $limit
