package meshwork.slf4j;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LoggerFactory;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** The provider that SLF4J finds, and the activator that tells it where to write. */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class OsgiLogging implements SLF4JServiceProvider, BundleActivator {

	/** SLF4J makes its own instance of this class, so the two meet here. */
	static volatile LoggerFactory target;

	private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
	private final IMarkerFactory markers = new BasicMarkerFactory();
	private final MDCAdapter context = new NOPMDCAdapter();
	private ServiceTracker<LoggerFactory, LoggerFactory> services;

	@Override
	public void start(BundleContext bundle) {
		services = new ServiceTracker<>(bundle, LoggerFactory.class, null) {
			@Override
			public LoggerFactory addingService(ServiceReference<LoggerFactory> reference) {
				return target = super.addingService(reference);
			}

			@Override
			public void removedService(ServiceReference<LoggerFactory> reference, LoggerFactory service) {
				target = getService();
				super.removedService(reference, service);
			}
		};
		services.open();
	}

	@Override
	public void stop(BundleContext bundle) {
		services.close();
		target = null;
	}

	@Override
	public void initialize() {
		// all is there from the start
	}

	@Override
	public ILoggerFactory getLoggerFactory() {
		return name -> loggers.computeIfAbsent(name, OsgiLogger::new);
	}

	@Override
	public IMarkerFactory getMarkerFactory() {
		return markers;
	}

	@Override
	public MDCAdapter getMDCAdapter() {
		return context;
	}

	@Override
	public String getRequestedApiVersion() {
		return "2.0.99";
	}
}
