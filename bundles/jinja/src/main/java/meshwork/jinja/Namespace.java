package meshwork.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** The one thing a template can change from an inner scope. */
record Namespace(Map<Object, Object> attributes) {

	Namespace() {
		this(new LinkedHashMap<>());
	}
}
