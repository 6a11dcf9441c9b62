//! A table that could replace the perfect hash: pilots over the existing hash of the names, without a second
//! hash (as in PTHash and PtrHash). Only these measurements use it.

/// Names per pilot, about: with fewer, more pilots are read; with more, they are harder to find.
const BUCKET: usize = 3;

/// A minimal map from 64-bit hashes to positions; what it answers for a foreign hash is a position
/// whose name must be compared.
pub struct Pilots {
    pilots: Vec<u16>,
    slots: Vec<u32>,
}

impl Pilots {
    /// The table that leads from each hash to its place in `hashes`; `None` where two are equal or so
    /// alike that no pilot tells them apart.
    pub fn new(hashes: &[u64]) -> Option<Self> {
        let table = Pilots {
            pilots: vec![0; (hashes.len() / BUCKET + 1).next_power_of_two()],
            // At most five of six are taken, or the last buckets would try long.
            slots: vec![0; (hashes.len() * 6 / 5 + 1).max(2)],
        };
        table.fill(hashes)
    }

    fn fill(mut self, hashes: &[u64]) -> Option<Self> {
        let mut buckets = vec![Vec::new(); self.pilots.len()];
        for (id, &hash) in (0..).zip(hashes) {
            buckets[self.bucket(hash)].push((id, hash));
        }
        // The fullest first, while there is room.
        let mut order: Vec<usize> = (0..buckets.len()).collect();
        order.sort_by_key(|&bucket| std::cmp::Reverse(buckets[bucket].len()));
        let mut taken = vec![false; self.slots.len()];
        let mut places: Vec<usize> = Vec::new();
        for bucket in order {
            let members: &[(u32, u64)] = &buckets[bucket];
            let pilot = (0..=u16::MAX).find(|&pilot| {
                places.clear();
                members.iter().all(|&(_, hash)| {
                    let place = self.place(hash, pilot);
                    let free = !taken[place] && !places.contains(&place);
                    places.push(place);
                    free
                })
            })?;
            self.pilots[bucket] = pilot;
            for (&(id, _), &place) in members.iter().zip(&places) {
                self.slots[place] = id;
                taken[place] = true;
            }
        }
        Some(self)
    }

    /// The only position that can have this hash.
    pub fn get(&self, hash: u64) -> Option<u32> {
        let pilot = *self.pilots.get(self.bucket(hash))?;
        self.slots.get(self.place(hash, pilot)).copied()
    }

    /// By the lowest bits: their number is a power of two.
    fn bucket(&self, hash: u64) -> usize {
        hash as usize & (self.pilots.len() - 1)
    }

    /// By the highest bits of the hash, mixed with the pilot.
    fn place(&self, hash: u64, pilot: u16) -> usize {
        let mixed = (hash ^ u64::from(pilot)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((u128::from(mixed) * self.slots.len() as u128) >> 64) as usize
    }

    /// The bytes that it would add to a program.
    pub fn size(&self) -> usize {
        2 * self.pilots.len() + 4 * self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{Random, names};

    #[test]
    fn every_hash_leads_to_its_place() {
        let mut random = Random(1);
        for count in [0, 1, 2, 10, 1_000, 30_000] {
            let hashes: Vec<u64> = (0..count).map(|_| random.below(usize::MAX) as u64).collect();
            let table = Pilots::new(&hashes).unwrap();
            for (id, &hash) in (0..).zip(&hashes) {
                assert_eq!(table.get(hash), Some(id));
            }
        }
        assert!(Pilots::new(&[7, 7]).is_none());
        assert_eq!(names(10), names(10));
    }
}
