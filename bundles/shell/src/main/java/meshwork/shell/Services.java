package meshwork.shell;

import java.util.Optional;
import java.util.function.Function;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Services of the node, held for one step: each may be another bundle's a moment later. */
record Services(BundleContext context) {

	/**
	 * Does something with a service.
	 *
	 * @throws IllegalStateException when nobody offers it
	 */
	<S, R> R with(Class<S> type, Function<? super S, ? extends R> step) {
		return Optional.ofNullable(context.getServiceReference(type)).flatMap(reference -> with(reference, step))
				.orElseThrow(() -> new IllegalStateException(
						"no bundle offers %s at the moment; mesh:status shows what did not start".formatted(type.getSimpleName())));
	}

	/** Does something with this very service, if it is still there. */
	<S, R> Optional<R> with(ServiceReference<S> reference, Function<? super S, ? extends R> step) {
		S service = context.getService(reference);
		if (service == null)
			return Optional.empty();
		try {
			return Optional.of(step.apply(service));
		} finally {
			context.ungetService(reference);
		}
	}
}
