//! A list of deliveries as a file for spreadsheets. It is made while it is sent, page by page.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::delivery::Delivery;
use domain::error::Problem;
use domain::filter::DeliveryFilter;
use domain::id::OrganizationId;
use domain::page::{MAX_LIMIT, Page, PageQuery};
use futures_util::{StreamExt, stream};
use gateway::{Services, export, store};

use super::Problems;
use crate::http::extract::{ApiQuery, Viewer};
use crate::http::problem::ApiResult;

/// Deliveries as CSV, in the order of the list, 100,000 at most.
#[utoipa::path(
    get, path = "/deliveries/export", tag = "deliveries", params(DeliveryFilter),
    responses((status = 200, body = String, content_type = "text/csv"), Problems)
)]
pub async fn export_deliveries(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(filter): ApiQuery<DeliveryFilter>,
) -> ApiResult<Response> {
    let export =
        Export { services, organization: access.organization().clone(), filter, left: export::MAX_ROWS };
    // What cannot be read at all is a problem document; what breaks later breaks the download.
    let first = export.page(None).await?;
    let head = Ok::<_, Problem>(Bytes::from_static(export::HEAD.as_bytes()));
    let pages = stream::try_unfold((export, Some(first)), async |(mut export, page)| {
        let Some(page) = page else { return Ok(None) };
        let lines: String = page.items.iter().take(export.left).map(export::line).collect();
        export.left = export.left.saturating_sub(page.items.len());
        let next = match page.next_cursor {
            Some(cursor) if export.left > 0 => Some(export.page(Some(cursor)).await?),
            _ => None,
        };
        Ok(Some((Bytes::from(lines), (export, next))))
    });
    let body = Body::from_stream(stream::iter([head]).chain(pages));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"deliveries.csv\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
}

struct Export {
    services: Arc<Services>,
    organization: OrganizationId,
    filter: DeliveryFilter,
    left: usize,
}

impl Export {
    /// One page. Nothing is held in the store while it is on its way to whoever asked.
    async fn page(&self, cursor: Option<String>) -> Result<Page<Delivery>, Problem> {
        let page = PageQuery { limit: MAX_LIMIT, cursor };
        let mut tx = self.services.store.read().await.map_err(store::problem)?;
        store::deliveries::list(&mut tx, &self.organization, &self.filter, &page)
            .await
            .map_err(store::problem)
    }
}
