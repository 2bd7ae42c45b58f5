package meshwork.jinja;

import java.util.List;
import java.util.Map;

/** A function that a template may call, given to it by name in the context. */
@FunctionalInterface
public interface TemplateFunction {

	/**
	 * Answers one call.
	 *
	 * @param arguments as in the context: null, Boolean, Long, BigInteger, Double, String, List, Map or a function
	 * @param named arguments given by name
	 * @return a value of the same kinds
	 */
	Object call(List<Object> arguments, Map<String, Object> named);
}
