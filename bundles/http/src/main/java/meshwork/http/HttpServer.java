package meshwork.http;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Listens for HTTP, and gives each request to the handler service that is registered for its path. Says where it listens, or
 * why it doesn't, in the properties {@code http.url}, {@code http.port} and {@code http.problem} of a service of its own.
 */
@Component(immediate = true, service = {}, configurationPid = "meshwork.http")
@Designate(ocd = HttpServer.Config.class)
public final class HttpServer {

	/** Property of a {@link Handler} service: the paths it answers, each exact or ending in {@code /*}. */
	static final String PATH = "http.path";

	/** Property of a {@link Handler} service: whether it answers without an API key. */
	static final String PUBLIC = "http.public";

	private static final Duration RETRY = Duration.ofSeconds(1);

	@ObjectClassDefinition(name = "HTTP server")
	@interface Config {
		@AttributeDefinition(description = "Address or name of the interface to listen on; beyond loopback an API key is needed")
		String host() default "127.0.0.1";

		@AttributeDefinition(description = "Port to listen on; 0 for any that is free")
		int port() default 9337;

		@AttributeDefinition(description = "Keys of which a request has to bring one, each 'KEY', 'NAME: KEY' or 'NAME: sha256:HEX'; none: no key is needed")
		String[] apiKeys() default {};

		@AttributeDefinition(description = "File with more keys, one a line, looked at for each request; default: api.keys of the data folder, if it is there")
		String apiKeyFile() default "";

		@AttributeDefinition(description = "Keys of this machine's own commands: they open the door, but don't close it to others")
		String[] ownKeys() default {};

		@AttributeDefinition(description = "Web sites whose pages may use the API from a browser, such as https://chat.example.org")
		String[] corsOrigins() default {};

		@AttributeDefinition(description = "PEM file with the certificate for TLS, and those that lead to its root; none: plain HTTP")
		String certificate() default "";

		@AttributeDefinition(description = "PEM file with the private key of the certificate")
		String certificateKey() default "";

		@AttributeDefinition(description = "Largest head of a request, in bytes")
		int maxHeader() default 16 << 10;

		@AttributeDefinition(description = "Largest body of a request, in bytes")
		long maxBody() default 64 << 20;

		@AttributeDefinition(description = "Most connections at once")
		int maxConnections() default 10_000;

		@AttributeDefinition(description = "Most connections at once from an address other than this machine's")
		int maxConnectionsPerAddress() default 256;

		@AttributeDefinition(description = "Most requests a minute of each caller, which is a key or, without one, an address; 0: any number")
		int requestsPerMinute() default 0;

		@AttributeDefinition(description = "How many of those may come at once")
		int requestBurst() default 20;

		@AttributeDefinition(description = "Most requests of each caller that run at once; 0: any number")
		int maxRunning() default 0;

		@AttributeDefinition(description = "How long the head of a request may take to arrive, and a body of 64 KiB; larger ones a second more for each 64 KiB")
		int arriveSeconds() default 30;

		@AttributeDefinition(description = "Whether a line is logged for each request")
		boolean accessLog() default true;

		@AttributeDefinition(description = "How long a connection may do nothing, in seconds")
		int idleSeconds() default 60;

		@AttributeDefinition(description = "How long requests wait for the successor of a handler that went away, in seconds")
		int successorSeconds() default 10;

		@AttributeDefinition(description = "How long running requests may take to end when their handler or socket is replaced, in seconds")
		int drainSeconds() default 30;

		@AttributeDefinition(description = "How long running requests may take to end when the node stops, in seconds")
		int stopSeconds() default 4;
	}

	private final BundleContext context;
	private final Logger log;
	private final AccessLog access;
	private final Server server;
	private final Routes routes = new Routes();
	private final Map<ServiceReference<?>, Route> routed = new ConcurrentHashMap<>();
	private Optional<Door> door = Optional.empty();
	private Optional<Thread> retry = Optional.empty();
	private Optional<ServiceRegistration<HttpServer>> announced = Optional.empty();
	private final SynchronousBundleListener ending = this::ending;
	private Optional<Long> ends_ns = Optional.empty();
	private volatile Config config;

	@Activate
	public HttpServer(BundleContext context, @Reference LoggerFactory loggers) {
		this.context = context;
		log = loggers.getLogger(HttpServer.class);
		access = new AccessLog(loggers.getLogger("meshwork.access"));
		var threads = new QueuedThreadPool(16, 2);
		threads.setName("http");
		threads.setReservedThreads(0);
		threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("http-"));
		server = new Server(threads);
		server.setHandler(new GracefulHandler(routes));
		server.setErrorHandler(new ErrorAnswers());
		server.setRequestLog(access);
	}

	@Activate
	void start(Config config) throws Exception {
		server.start();
		context.addBundleListener(ending);
		routes.expect(Duration.ofSeconds(Math.min(3, config.successorSeconds())));
		change(config);
	}

	/** A configuration that can't be had leaves everything as it is. */
	@Modified
	synchronized void change(Config config) {
		retry.ifPresent(Thread::interrupt);
		retry = Optional.empty();
		this.config = config;
		routes.successorsWithin(Duration.ofSeconds(config.successorSeconds()));
		access.on(config.accessLog());
		try {
			Settings wanted = Settings.of(config, keyFile(), log);
			try {
				listen(wanted);
			} catch (IOException e) {
				log.error("{}; trying again every second", e.getMessage());
				door.ifPresent(open -> open.take(wanted));
				announce(Optional.of(e.getMessage()));
				retry = Optional.of(Thread.ofVirtual().name("http listen").start(() -> tryAgain(wanted)));
			}
		} catch (IllegalArgumentException e) {
			log.error("{}", e.getMessage());
			announce(Optional.of(e.getMessage()));
		}
	}

	/** Where keys are kept if the configuration does not say. */
	private Optional<Path> keyFile() {
		return Optional.ofNullable(context.getProperty("meshwork.data")).map(data -> Path.of(data, "api.keys"));
	}

	/** The new socket is open before the old one stops accepting. */
	private void listen(Settings wanted) throws IOException {
		if (door.isPresent() && door.get().suits(wanted)) {
			door.get().take(wanted);
		} else {
			Door next = Door.open(server, wanted);
			door.ifPresent(last -> Thread.ofVirtual().name("http drain").start(() -> last.drain(wanted.drain())));
			door = Optional.of(next);
			log.info("listening on {}", next.url());
		}
		announce(Optional.empty());
	}

	private void tryAgain(Settings wanted) {
		try {
			while (true) {
				Thread.sleep(RETRY);
				synchronized (this) {
					if (Thread.interrupted())
						return;
					try {
						listen(wanted);
						return;
					} catch (IOException e) {
						// said once, when it happened first
					}
				}
			}
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	private void announce(Optional<String> problem) {
		Dictionary<String, Object> properties = new Hashtable<>();
		door.ifPresent(open -> {
			properties.put("http.url", open.url());
			properties.put("http.port", open.getLocalPort());
		});
		problem.ifPresent(text -> properties.put("http.problem", text));
		if (announced.isPresent())
			announced.get().setProperties(properties);
		else
			announced = Optional.of(context.registerService(HttpServer.class, this, properties));
	}

	@Reference(service = RequestLog.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, unbind = "unlisten")
	void listen(RequestLog listener) {
		access.add(listener);
	}

	void unlisten(RequestLog listener) {
		access.remove(listener);
	}

	@Reference(service = Handler.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, target = "(http.path=*)")
	void add(Handler handler, ServiceReference<Handler> reference) throws Exception {
		handler.setServer(server);
		handler.start();
		var route = Route.of(handler, reference);
		routed.put(reference, route);
		routes.add(route);
	}

	/** Waits for running requests if their bundle, and with it their classes, is about to go; briefly if new ones wait meanwhile. */
	void remove(Handler handler, ServiceReference<Handler> reference) throws InterruptedException {
		Route route = routed.remove(reference);
		boolean succeeded = routes.remove(route);
		Bundle owner = reference.getBundle();
		if (owner != null && owner.getState() == Bundle.STOPPING)
			route.awaitEnd(Duration.ofSeconds(succeeded ? config.drainSeconds() : Math.min(config.drainSeconds(), 1)));
	}

	/** The node stops: nobody gets in any more, and what runs has its time from now on, while those who answer it come to their end too. */
	private void ending(BundleEvent event) {
		if (event.getType() == BundleEvent.STOPPING && event.getBundle().getBundleId() == Constants.SYSTEM_BUNDLE_ID)
			end();
	}

	private synchronized void end() {
		if (ends_ns.isPresent())
			return;
		ends_ns = Optional.of(System.nanoTime() + Duration.ofSeconds(config.stopSeconds()).toNanos());
		retry.ifPresent(Thread::interrupt);
		door.ifPresent(Door::end);
	}

	@Deactivate
	synchronized void stop() throws Exception {
		context.removeBundleListener(ending);
		end();
		routes.expect(Duration.ZERO);
		announced.ifPresent(ServiceRegistration::unregister);
		door.ifPresent(Door::hurry);
		server.setStopTimeout(Math.max(1, (ends_ns.orElseThrow() - System.nanoTime()) / 1_000_000));
		try {
			server.stop();
		} catch (TimeoutException e) {
			// what still ran has had its time, and was cut
		}
	}
}
