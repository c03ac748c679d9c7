package cookies

// collect is Garbage Collect Cookies. As in engines, a host's limit is that of
// its registrable domain: otherwise a site could fill the jar from its subdomains.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-garbage-collect-cookies
func (j *Jar) collect(p *partition, r *request) {
	if j.count > j.options.MaxTotal {
		j.removeExpired(r)
	}
	for i := 0; i < len(p.cookies) && len(p.cookies) > j.options.MaxPerSite; {
		if p.cookies[i].expired(r.now) {
			j.removeAt(p, i)
		} else {
			i++
		}
	}
	for len(p.cookies) > j.options.MaxPerSite {
		j.removeAt(p, p.first(false))
	}
	if limit := j.options.Policy.MaxPartitionedBytes; limit > 0 {
		for p.partitionedBytes() > limit {
			j.removeAt(p, p.first(true))
		}
	}
	for j.count > j.options.MaxTotal {
		last := j.used.prev
		for i, c := range last.of.cookies {
			if c == last {
				j.removeAt(last.of, i)
				break
			}
		}
	}
}

// removeExpired removes all expired cookies.
func (j *Jar) removeExpired(r *request) {
	for c := j.used.next; c != &j.used; {
		next := c.next
		if c.expired(r.now) {
			for i, other := range c.of.cookies {
				if other == c {
					j.removeAt(c.of, i)
					break
				}
			}
		}
		c = next
	}
}

// first returns the index of the cookie to go first: one that is not Secure
// before one that is, then the one not used for longest.
func (p *partition) first(partitioned bool) int {
	first := -1
	for i, c := range p.cookies {
		if partitioned && !c.partitioned {
			continue
		}
		if first < 0 || !c.secure && p.cookies[first].secure ||
			c.secure == p.cookies[first].secure && c.accessed < p.cookies[first].accessed {
			first = i
		}
	}
	return first
}

func (p *partition) partitionedBytes() int {
	n := 0
	for _, c := range p.cookies {
		if c.partitioned {
			n += len(c.name) + len(c.value)
		}
	}
	return n
}

// removeAt removes a cookie, and its partition and site once they are empty. The
// order of a partition's cookies does not count.
func (j *Jar) removeAt(p *partition, i int) {
	c, last := p.cookies[i], len(p.cookies)-1
	p.cookies[i], p.cookies[last] = p.cookies[last], nil
	p.cookies = p.cookies[:last]
	c.prev.next, c.next.prev = c.next, c.prev
	j.count--
	if last == 0 {
		delete(p.site.partitions, p.key)
		if len(p.site.partitions) == 0 {
			delete(j.sites, p.site.name)
		}
	}
}
