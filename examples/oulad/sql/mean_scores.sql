-- owner: course-teams
-- summary: Mean score for each presentation of a module.
-- endpoint: false
select c.code_module, c.code_presentation, count(*) as submissions, avg(sa.score) as mean_score
from oulad.courses c
join oulad.assessments a
  on a.code_module = c.code_module and a.code_presentation = c.code_presentation
join oulad.studentAssessment sa on sa.id_assessment = a.id_assessment
join oulad.studentInfo si
  on si.id_student = sa.id_student and si.code_module = c.code_module
  and si.code_presentation = c.code_presentation
group by c.code_module, c.code_presentation
order by c.code_module, c.code_presentation
