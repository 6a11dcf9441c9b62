//! Orders assets so that each is stamped after all that it refers to.

/// Groups the components of a graph into levels, by the length of the longest path down from each.
/// Components of one level do not lead to each other, so they can be stamped at the same time.
pub(super) fn levels(edges: &[Vec<usize>]) -> Vec<Vec<Vec<usize>>> {
    let mut level_of = vec![0; edges.len()];
    let mut levels: Vec<Vec<Vec<usize>>> = Vec::new();
    for component in components(edges) {
        let targets = component.iter().flat_map(|&node| &edges[node]);
        let below = targets
            .filter(|target| component.binary_search(target).is_err())
            .map(|&target| level_of[target])
            .max();
        let level = below.map_or(0, |below| below + 1);
        for &node in &component {
            level_of[node] = level;
        }
        if level == levels.len() {
            levels.push(Vec::new());
        }
        levels[level].push(component);
    }
    levels
}

/// Returns the strongly connected components of a graph, each after those that it leads to, by
/// Tarjan's algorithm. `edges[node]` lists the nodes that `node` leads to. It does not recurse,
/// because chains may be long.
fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        edges,
        order: vec![None; edges.len()],
        lowest: vec![0; edges.len()],
        waiting: vec![false; edges.len()],
        stack: Vec::new(),
        visited: 0,
        components: Vec::new(),
    };
    for node in 0..edges.len() {
        search.from(node);
    }
    search.components
}

struct Search<'a> {
    edges: &'a [Vec<usize>],
    /// When a node was first visited.
    order: Vec<Option<usize>>,
    /// The earliest visited node that a node is known to lead back to.
    lowest: Vec<usize>,
    /// Whether a node is on the stack: visited, but not yet in a component.
    waiting: Vec<bool>,
    stack: Vec<usize>,
    visited: usize,
    components: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        if self.order[start].is_some() {
            return;
        }
        // A node and how many of its edges are done.
        let mut path = vec![(start, 0)];
        self.visit(start);
        while let Some((node, done)) = path.last_mut() {
            let node = *node;
            if let Some(&next) = self.edges[node].get(*done) {
                *done += 1;
                match self.order[next] {
                    None => {
                        self.visit(next);
                        path.push((next, 0));
                    }
                    Some(order) if self.waiting[next] => {
                        self.lowest[node] = self.lowest[node].min(order)
                    }
                    Some(_) => {}
                }
                continue;
            }
            path.pop();
            if let Some(&(before, _)) = path.last() {
                self.lowest[before] = self.lowest[before].min(self.lowest[node]);
            }
            if Some(self.lowest[node]) == self.order[node] {
                self.close(node);
            }
        }
    }

    fn visit(&mut self, node: usize) {
        self.order[node] = Some(self.visited);
        self.lowest[node] = self.visited;
        self.visited += 1;
        self.waiting[node] = true;
        self.stack.push(node);
    }

    /// Takes everything on the stack from `node` on as one component.
    fn close(&mut self, node: usize) {
        let Some(at) = self.stack.iter().rposition(|&one| one == node) else {
            unreachable!("a node waits on the stack until its component is closed");
        };
        let mut component = self.stack.split_off(at);
        for &member in &component {
            self.waiting[member] = false;
        }
        component.sort_unstable();
        self.components.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_leaf_comes_before_what_leads_to_it() {
        assert_eq!(components(&[vec![1], vec![2], vec![]]), [[2], [1], [0]]);
    }

    #[test]
    fn a_cycle_is_one_component_after_all_that_it_leads_to() {
        let edges = [vec![1], vec![2, 3], vec![0], vec![], vec![4, 0]];
        assert_eq!(components(&edges), [vec![3], vec![0, 1, 2], vec![4]]);
    }

    #[test]
    fn a_long_chain_needs_no_long_stack() {
        let mut edges: Vec<Vec<usize>> = (1..200_000).map(|next| vec![next]).collect();
        edges.push(Vec::new());
        assert_eq!(components(&edges).len(), edges.len());
    }

    proptest! {
        #[test]
        fn nodes_share_a_component_exactly_if_each_leads_to_the_other(
            edges in (1_usize..12).prop_flat_map(|n| {
                proptest::collection::vec(proptest::collection::vec(0..n, 0..4), n)
            })
        ) {
            let n = edges.len();
            // Everything that a node can reach, by brute force.
            let mut leads: Vec<Vec<bool>> = (0..n).map(|a| (0..n).map(|b| a == b).collect()).collect();
            for _ in 0..n {
                for (a, targets) in edges.iter().enumerate() {
                    for &b in targets {
                        let further = leads[b].clone();
                        leads[a].iter_mut().zip(further).for_each(|(known, new)| *known |= new);
                    }
                }
            }
            let levels = levels(&edges);
            for (number, level) in levels.iter().enumerate() {
                for component in level {
                    let below = levels[..number].iter().flatten().flatten();
                    let known: Vec<usize> = below.chain(component).copied().collect();
                    for target in component.iter().flat_map(|&node| &edges[node]) {
                        prop_assert!(known.contains(target), "{levels:?} {edges:?}");
                    }
                }
            }
            let found = components(&edges);
            let mut place = vec![usize::MAX; n];
            for (number, component) in found.iter().enumerate() {
                for &node in component {
                    prop_assert_eq!(place[node], usize::MAX);
                    place[node] = number;
                }
            }
            for a in 0..n {
                for b in 0..n {
                    prop_assert_eq!(place[a] == place[b], leads[a][b] && leads[b][a]);
                    prop_assert!(!leads[a][b] || place[b] <= place[a]);
                }
            }
        }
    }
}
