-- Within how many minutes a site wants its visitors answered: a wait beyond it is urgent on the operators' screens. Two, as everywhere until now.
ALTER TABLE sites ADD COLUMN answer_goal_min BIGINT NOT NULL DEFAULT 2;
