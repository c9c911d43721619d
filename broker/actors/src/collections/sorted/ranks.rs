//! An order of scored entries that knows ranks: a B+ tree whose inner nodes count what lies below.
//!
//! The tree knows scores and places; what an entry is called, which decides among equal scores, its
//! owner knows. So nothing is looked up by value here: the caller says of an entry whether it comes
//! before what is sought, and gets a rank. Everything else goes by rank, in O(log n).

use std::slice;

/// Entries of a leaf: a kilobyte, so that a search ends in memory that lies together.
const LEAF_MAX: usize = 64;

/// Children of an inner node.
const CHILDREN_MAX: usize = 32;

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// What it is ordered by first; never NaN.
    pub score: f64,
    /// Where its owner keeps the rest of it.
    pub place: u32,
}

/// Items in an order that their owner keeps.
#[derive(Clone, Debug)]
pub struct Ranks {
    root: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Leaf(Vec<Item>),
    Inner(Vec<Child>),
}

#[derive(Clone, Debug)]
struct Child {
    /// The first item below.
    first: Item,
    /// How many items lie below; never 0.
    len: usize,
    node: Node,
}

impl Default for Ranks {
    fn default() -> Self {
        Self { root: Node::Leaf(Vec::new()) }
    }
}

impl Ranks {
    /// The number of items for which `before` is true; they must be the first ones.
    pub fn rank(&self, before: impl Fn(Item) -> bool) -> usize {
        let (mut node, mut rank) = (&self.root, 0);
        loop {
            match node {
                Node::Leaf(items) => return rank + items.partition_point(|item| before(*item)),
                Node::Inner(children) => {
                    let at = last_from(children, &before);
                    rank += children[..at].iter().map(|child| child.len).sum::<usize>();
                    node = &children[at].node;
                }
            }
        }
    }

    /// Adds an item behind those for which `before` is true; they must be the first ones.
    pub fn insert(&mut self, item: Item, before: impl Fn(Item) -> bool) {
        if let Some(right) = self.root.insert(item, &before) {
            let left = Child::of(std::mem::replace(&mut self.root, Node::Inner(Vec::new())));
            self.root = Node::Inner(vec![left, right]);
        }
    }

    /// Removes the item at a rank that there is.
    pub fn remove(&mut self, rank: usize) -> Item {
        let item = self.root.remove(rank);
        // A root with a single child is a level too many.
        while let Node::Inner(children) = &mut self.root {
            match children.len() {
                0 => self.root = Node::Leaf(Vec::new()),
                1 => self.root = children.remove(0).node,
                _ => break,
            }
        }
        item
    }

    /// Changes the item at a rank that there is, without moving it.
    pub fn set(&mut self, rank: usize, item: Item) {
        self.root.set(rank, item);
    }

    /// The items from a rank on, in order.
    pub fn from(&self, rank: usize) -> Walk<'_> {
        self.walk(rank, true)
    }

    /// The items before a rank, the last one first.
    pub fn back_from(&self, rank: usize) -> Walk<'_> {
        self.walk(rank, false)
    }

    /// Estimate of the bytes of memory that it holds, itself not included.
    pub fn memory(&self) -> usize {
        self.root.memory()
    }

    fn walk(&self, mut rank: usize, forwards: bool) -> Walk<'_> {
        let mut above = Vec::new();
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(items) => {
                    let (head, tail) = items.split_at(rank);
                    let leaf = if forwards { tail } else { head }.iter();
                    return Walk { above, leaf, forwards };
                }
                Node::Inner(children) => {
                    let (at, inside) = locate(children, rank);
                    let rest = if forwards { &children[at + 1..] } else { &children[..at] };
                    above.push(rest.iter());
                    (node, rank) = (&children[at].node, inside);
                }
            }
        }
    }
}

/// Items in one direction.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    /// What is left of the inner nodes above the leaf, the root's first.
    above: Vec<slice::Iter<'a, Child>>,
    leaf: slice::Iter<'a, Item>,
    forwards: bool,
}

impl Iterator for Walk<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let item = if self.forwards { self.leaf.next() } else { self.leaf.next_back() };
            if let Some(item) = item {
                return Some(*item);
            }
            let child = loop {
                let rest = self.above.last_mut()?;
                let child = if self.forwards { rest.next() } else { rest.next_back() };
                match child {
                    Some(child) => break child,
                    None => drop(self.above.pop()),
                }
            };
            let mut node = &child.node;
            while let Node::Inner(children) = node {
                let mut rest = children.iter();
                let child = if self.forwards { rest.next() } else { rest.next_back() }?;
                self.above.push(rest);
                node = &child.node;
            }
            if let Node::Leaf(items) = node {
                self.leaf = items.iter();
            }
        }
    }
}

/// The last child whose first item comes before what is sought: where that is, or belongs.
fn last_from(children: &[Child], before: &impl Fn(Item) -> bool) -> usize {
    children.partition_point(|child| before(child.first)).saturating_sub(1)
}

/// The child that has the item of a rank, and its rank there. The rank behind all lies in the last child.
fn locate(children: &[Child], mut rank: usize) -> (usize, usize) {
    let last = children.len() - 1;
    for (at, child) in children[..last].iter().enumerate() {
        if rank < child.len {
            return (at, rank);
        }
        rank -= child.len;
    }
    (last, rank)
}

impl Child {
    fn of(node: Node) -> Self {
        let len = match &node {
            Node::Leaf(items) => items.len(),
            Node::Inner(children) => children.iter().map(|child| child.len).sum(),
        };
        Self { first: node.first(), len, node }
    }
}

impl Node {
    /// The first item; only an empty tree has none, and that is nobody's child.
    fn first(&self) -> Item {
        match self {
            Self::Leaf(items) => items[0],
            Self::Inner(children) => children[0].first,
        }
    }

    /// Items of a leaf, children of an inner node.
    fn width(&self) -> usize {
        match self {
            Self::Leaf(items) => items.len(),
            Self::Inner(children) => children.len(),
        }
    }

    /// How many of them there may be.
    fn width_max(&self) -> usize {
        match self {
            Self::Leaf(_) => LEAF_MAX,
            Self::Inner(_) => CHILDREN_MAX,
        }
    }

    /// Returns what a node that was full gives away: its new neighbour on the right.
    fn insert(&mut self, item: Item, before: &impl Fn(Item) -> bool) -> Option<Child> {
        match self {
            Self::Leaf(items) => {
                let at = items.partition_point(|item| before(*item));
                insert_at(items, at, item, LEAF_MAX).map(|tail| Child::of(Self::Leaf(tail)))
            }
            Self::Inner(children) => {
                let at = last_from(children, before);
                let child = &mut children[at];
                let right = child.node.insert(item, before);
                child.len += 1;
                child.len -= right.as_ref().map_or(0, |right| right.len);
                child.first = child.node.first();
                let tail = insert_at(children, at + 1, right?, CHILDREN_MAX);
                tail.map(|tail| Child::of(Self::Inner(tail)))
            }
        }
    }

    fn remove(&mut self, rank: usize) -> Item {
        match self {
            Self::Leaf(items) => items.remove(rank),
            Self::Inner(children) => {
                let (at, inside) = locate(children, rank);
                let child = &mut children[at];
                let item = child.node.remove(inside);
                child.len -= 1;
                if child.len == 0 {
                    children.remove(at);
                } else {
                    child.first = child.node.first();
                    join(children, at);
                }
                item
            }
        }
    }

    fn set(&mut self, rank: usize, item: Item) {
        match self {
            Self::Leaf(items) => items[rank] = item,
            Self::Inner(children) => {
                let (at, inside) = locate(children, rank);
                let child = &mut children[at];
                child.node.set(inside, item);
                child.first = child.node.first();
            }
        }
    }

    fn memory(&self) -> usize {
        match self {
            Self::Leaf(items) => items.capacity() * size_of::<Item>(),
            Self::Inner(children) => {
                let below: usize = children.iter().map(|child| child.node.memory()).sum();
                children.capacity() * size_of::<Child>() + below
            }
        }
    }
}

/// Inserts into a vector of at most `max`. If it is full, what lies behind is split off and returned: half of it, or
/// little if the new one is the last, so that what grows at its end is full behind it.
fn insert_at<T>(list: &mut Vec<T>, at: usize, new: T, max: usize) -> Option<Vec<T>> {
    if list.len() < max {
        list.insert(at, new);
        return None;
    }
    let kept = if at == list.len() { max / 8 * 7 } else { max / 2 };
    let mut tail = Vec::with_capacity(max);
    tail.extend(list.drain(kept..));
    if at <= kept {
        list.insert(at, new);
    } else {
        tail.insert(at - kept, new);
    }
    Some(tail)
}

/// Puts a child that has become small together with a neighbour, if both leave some room in one node.
fn join(children: &mut Vec<Child>, at: usize) {
    let (width, max) = (children[at].node.width(), children[at].node.width_max());
    if width > max / 4 {
        return;
    }
    for left in [at.checked_sub(1), Some(at)].into_iter().flatten() {
        let together = children[left..].iter().take(2).map(|child| child.node.width());
        if left + 1 < children.len() && together.sum::<usize>() <= max / 4 * 3 {
            let right = children.remove(left + 1);
            let joined = &mut children[left];
            joined.len += right.len;
            match (&mut joined.node, right.node) {
                (Node::Leaf(items), Node::Leaf(more)) => items.extend(more),
                (Node::Inner(children), Node::Inner(more)) => children.extend(more),
                _ => unreachable!("all leaves lie at one depth"),
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests;
