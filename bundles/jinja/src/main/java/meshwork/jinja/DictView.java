package meshwork.jinja;

import java.util.Iterator;
import java.util.Map;

/** What {@code keys()}, {@code values()} and {@code items()} answer. */
record DictView(Kind kind, Map<Object, Object> map) {

	enum Kind {
		keys, values, items
	}

	Iterator<Object> iterator() {
		return switch (kind) {
			case keys -> map.keySet().iterator();
			case values -> map.values().iterator();
			case items -> new Lazy(map.entrySet().iterator(), entry -> {
				Map.Entry<?, ?> pair = (Map.Entry<?, ?>) entry;
				return Tuple.of(pair.getKey(), pair.getValue());
			});
		};
	}
}
