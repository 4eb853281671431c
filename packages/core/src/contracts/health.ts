export interface Health {
  readonly status: 'ok' | 'degraded' | 'unavailable';
  readonly checks: readonly HealthCheck[];
}

export interface HealthCheck {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message?: string;
}
