package meshwork.jinja;

import java.util.Arrays;
import java.util.List;

/** What {@code groupby} yields: a pair whose halves have names. */
final class Group extends Tuple {

	Group(Object grouper, List<Object> items) {
		super(Arrays.asList(grouper, items));
	}

	/** The half called that, {@link Undefined#MISSING} if neither is. */
	Object attribute(String name) {
		return switch (name) {
			case "grouper" -> get(0);
			case "list" -> get(1);
			default -> Undefined.MISSING;
		};
	}
}
