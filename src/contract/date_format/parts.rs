//! Which parts of a point in time a pattern of the JDK holds, as far as its letters say it.

/// Which parts of a point in time a pattern holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    date: bool,
    time: bool,
}

impl Parts {
    /// Whether it holds a day and a time of day.
    pub fn is_timestamp(self) -> bool {
        self.date && self.time
    }

    /// Whether it holds a time of day alone.
    pub fn is_time(self) -> bool {
        self.time && !self.date
    }
}

/// Which parts of a point in time a JDK pattern holds, as far as its letters say it.
pub fn parts(pattern: &str) -> Parts {
    let mut parts = Parts::default();
    let mut quoted = false;
    for letter in pattern.chars() {
        match letter {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            'y' | 'u' | 'Y' | 'M' | 'L' | 'd' | 'D' | 'E' | 'e' | 'c' | 'Q' | 'q' | 'w' | 'W'
            | 'F' | 'g' => parts.date = true,
            // Without an hour `mm` is not a time of day: a month is meant.
            'H' | 'h' | 'K' | 'k' | 'A' | 'N' => {
                parts.time = true;
            }
            _ => {}
        }
    }
    parts
}
